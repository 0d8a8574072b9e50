import { isPartitionId, type PartitionId } from "#domain/partition/partition-id.ts";

/** What a data API path names, or the problem to answer with (api: RFC 9457 `code`). */
export type PartitionPath =
	| { readonly kind: "partition"; readonly partition: PartitionId }
	| {
			readonly kind: "problem";
			readonly status: 400 | 404;
			readonly code: "route.not-found" | "partition.invalid";
			readonly detail: string;
	  };

const PATH = /^\/v1\/partitions\/([^/]*)\/./;

/** Reads the partition from `/v1/partitions/{partition}/...`; `uri` is as sent, percent-encoded, without a query. Never throws. */
export function parsePartitionPath(uri: string): PartitionPath {
	const encoded = PATH.exec(uri)?.[1];
	if (encoded === undefined) {
		return { kind: "problem", status: 404, code: "route.not-found", detail: "The data API lives below /v1/partitions/{partition}/." };
	}
	const partition = decoded(encoded);
	if (partition === undefined || !isPartitionId(partition)) {
		return { kind: "problem", status: 400, code: "partition.invalid", detail: "A partition has 1 to 128 of A-Z a-z 0-9 . _ ~ : -" };
	}
	return { kind: "partition", partition };
}

function decoded(text: string): string | undefined {
	try {
		return decodeURIComponent(text);
	} catch {
		return undefined;
	}
}

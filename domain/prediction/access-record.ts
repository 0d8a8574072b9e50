import type { RegionId } from "#domain/geography/region-id.ts";
import { isPartitionId, type PartitionId } from "#domain/partition/partition-id.ts";
import { HOUR_MS, hourOf } from "#domain/prediction/hours.ts";
import type { PartitionRule } from "#domain/routing/partition-rule.ts";

/** One access as the forecast counts it. */
export interface AccessRecord {
	readonly requestId: string;
	readonly partition: PartitionId;
	readonly region: RegionId;
	/** Empty where the viewer has none. */
	readonly segment: string;
	/** Hours since the Unix epoch. */
	readonly hour: number;
}

/** Why a log line counts as no access. Counted, never thrown. */
export const SkipReason = {
	BadLine: "bad-line",
	BadTime: "bad-time",
	FutureTime: "future-time",
	NoPartition: "no-partition",
	NotServed: "not-served",
	NoRegion: "no-region",
} as const;
export type SkipReason = (typeof SkipReason)[keyof typeof SkipReason];

export type ParsedAccess =
	| { readonly kind: "access"; readonly access: AccessRecord }
	| { readonly kind: "skipped"; readonly reason: SkipReason };

/** What a log record says about where its viewer is. */
export interface ViewerHints {
	/** `x-viewer-region`, as the edge has found it. */
	readonly region: string | undefined;
	/** ISO 3166-1 alpha-2. */
	readonly country: string | undefined;
	readonly edgeLocation: string | undefined;
}
/** The deployed region that a viewer counts to; undefined when the hints say nothing. */
export type LocateViewer = (hints: ViewerHints) => RegionId | undefined;

/** Real-time log fields by their CloudFront names; an absent value is `-` or empty. */
export type LogFields = Readonly<Record<string, string | undefined>>;
/** The partition that a record's request is about; undefined where it names none. */
export type PartitionOf = (fields: LogFields) => PartitionId | undefined;

/** How a deployment reads its log records. */
export interface AccessReader {
	readonly locate: LocateViewer;
	readonly partitionOf: PartitionOf;
}

const PATH = /^\/v1\/partitions\/([^/?]+)/;
/** How far a record may lie in the future before its clock is not believed. */
const MAX_AHEAD_MS = HOUR_MS;
const MAX_SEGMENT_LENGTH = 64;

/** Reads one log record defensively: whatever is in it, the answer is an access or a reason. */
export function parseAccess(fields: LogFields, { locate, partitionOf }: AccessReader, nowMs: number): ParsedAccess {
	const requestId = present(fields["x-edge-request-id"]);
	const status = Number(present(fields["sc-status"]) ?? Number.NaN);
	if (requestId === undefined || !Number.isInteger(status)) return skipped(SkipReason.BadLine);
	const atMs = Number(present(fields["timestamp"]) ?? Number.NaN) * 1000;
	if (!Number.isFinite(atMs) || atMs <= 0) return skipped(SkipReason.BadTime);
	if (atMs > nowMs + MAX_AHEAD_MS) return skipped(SkipReason.FutureTime);
	// 0 is a viewer that left before an answer; 5xx says more about us than about where the user is
	if (status < 100 || status >= 500) return skipped(SkipReason.NotServed);
	const partition = partitionOf(fields);
	if (partition === undefined) return skipped(SkipReason.NoPartition);
	const headers = parseHeaders(present(fields["cs-headers"]) ?? "");
	const region = locate({
		region: headers.get("x-viewer-region"),
		country: present(fields["c-country"]),
		edgeLocation: present(fields["x-edge-location"]),
	});
	if (region === undefined) return skipped(SkipReason.NoRegion);
	const segment = (headers.get("x-heliotrope-segment") ?? "").slice(0, MAX_SEGMENT_LENGTH);
	return { kind: "access", access: { requestId, partition, region, segment, hour: hourOf(atMs) } };
}

const skipped = (reason: SkipReason): ParsedAccess => ({ kind: "skipped", reason });

/** A field's value; undefined where the log has none. */
export const present = (value: string | undefined): string | undefined =>
	value === undefined || value === "" || value === "-" ? undefined : value;

/** What the rule finds in a record's path and headers, else what a data API path names: records that applications write have one. */
export const partitionByRule =
	(rule: PartitionRule): PartitionOf =>
	(fields) => {
		const uriStem = present(fields["cs-uri-stem"]) ?? "";
		const [path = ""] = uriStem.split("?", 1);
		const headers = [...parseHeaders(present(fields["cs-headers"]) ?? "")].map(([name, value]) => [name, [{ value }]]);
		const named = rule(path, Object.fromEntries(headers));
		return named.kind === "partition" ? named.partition : partitionOfUri(uriStem);
	};

function partitionOfUri(uriStem: string): PartitionId | undefined {
	const name = decode(PATH.exec(uriStem)?.[1] ?? "");
	return name !== undefined && isPartitionId(name) ? name : undefined;
}

/** CloudFront cuts `cs-headers` here: the last line of a field so long may be half of one. */
const CUT_CHARS = 800;

/** `cs-headers`: percent-encoded lines `name:value`, names in lower case. Never throws. */
export function parseHeaders(encoded: string): ReadonlyMap<string, string> {
	const headers = new Map<string, string>();
	const lines = encoded.split(/%0A|\n/i);
	for (const encodedLine of encoded.length < CUT_CHARS ? lines : lines.slice(0, -1)) {
		const line = decode(encodedLine) ?? "";
		const colon = line.indexOf(":");
		if (colon > 0) headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
	}
	return headers;
}

function decode(text: string): string | undefined {
	try {
		return decodeURIComponent(text);
	} catch {
		return undefined;
	}
}

import { isDeepStrictEqual } from "node:util";
import type { PartitionId } from "#domain/partition/partition-id.ts";
import type { PartitionRecord } from "#domain/partition/record.ts";
import type { Freeze, MetadataStore, RecordWriteOutcome } from "#domain/ports/metadata-store.ts";
import { OperatingError } from "#domain/shared/errors.ts";

/** What a table in memory is made of. */
export interface MemoryMetadataParts {
	/** The control region's copy. */
	readonly control: Pick<ReadonlyMap<PartitionId, PartitionRecord>, "get" | "values">;
	/** What the caller's own region has of it. */
	readonly nearest: (partition: PartitionId) => PartitionRecord | undefined;
	/** Writes to the control region's copy, without a condition. */
	readonly put: (record: PartitionRecord) => void;
	readonly switches: { freeze: Freeze };
}

/** The metadata table as the port describes it, at the moment of each call; test/contract/metadata-store holds it against the real engine. */
export function memoryMetadataStore({ control, nearest, put, switches }: MemoryMetadataParts): MetadataStore {
	const write = async (record: PartitionRecord, expected: number | undefined): Promise<RecordWriteOutcome> => {
		const current = control.get(record.partition);
		if (current?.version === expected) put(record);
		else if (!isDeepStrictEqual(current, record)) return { kind: "conflict", current };
		return { kind: "written", record };
	};
	const readMany: MetadataStore["readMany"] = async (partitions) =>
		new Map(partitions.map((partition) => [partition, control.get(partition)]));
	return {
		readNearest: async (partition) => nearest(partition),
		readControl: async (partition) => control.get(partition),
		readMany,
		readManyAndFreeze: async (partitions) => ({ records: await readMany(partitions), freeze: switches.freeze }),
		create: (record) => write(record, undefined),
		replace: (next) => write(next, next.version - 1),
		list: async (page) => pageOf([...control.values()], page),
		readFreeze: async () => switches.freeze,
		writeFreeze: async (freeze) => {
			switches.freeze = freeze;
		},
	};
}

/** The cursor is the last partition shown, so that records that come or go in between shift nothing. */
function pageOf(records: PartitionRecord[], { cursor, limit }: { cursor?: string; limit: number }) {
	const sorted = records.toSorted((a, b) => (a.partition < b.partition ? -1 : 1));
	if (cursor !== undefined && !cursor.startsWith("after:"))
		throw new OperatingError("the cursor is not one that an earlier page gave", { code: "cursor.invalid", retryable: false });
	const after = cursor?.slice("after:".length) ?? "";
	const rest = sorted.filter(({ partition }) => partition > after);
	const page = rest.slice(0, limit);
	return { records: page, ...(rest.length > limit ? { cursor: `after:${page.at(-1)?.partition ?? after}` } : {}) };
}

import type { RegionId } from "#domain/geography/region-id.ts";
import type { PartitionId } from "#domain/partition/partition-id.ts";

/** What an access does to the partition; a log that does not say is taken as writes, the dearer kind. */
export const AccessOp = { Read: "read", Write: "write" } as const;
export type AccessOp = (typeof AccessOp)[keyof typeof AccessOp];

/** One usable row of an access log, or of the demo world. */
export interface AccessRow {
	/** Milliseconds since the Unix epoch. */
	readonly tsMs: number;
	/** Encoded as {@link encodePartition} does. */
	readonly partition: PartitionId;
	/** The deployed region nearest to the viewer. */
	readonly region: RegionId;
	/** Accesses that the row stands for, at least 1. */
	readonly count: number;
	readonly op?: AccessOp;
	/** Encoded like a partition, so that it can travel in a header. */
	readonly segment?: string;
	/** Body size in bytes. */
	readonly bytes?: number;
	/** Line in the file (the header is 1), or the number of the row in a generated world. Names the row in a run. */
	readonly line: number;
}

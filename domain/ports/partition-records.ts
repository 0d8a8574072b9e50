import type { PartitionId } from "#domain/partition/partition-id.ts";
import type { PartitionRecord } from "#domain/partition/record.ts";

/** Many records of the metadata table at once, from the control region. */
export interface PartitionRecords {
	/** Those that exist. @throws UnavailableError; retrying is safe */
	readMany(partitions: readonly PartitionId[]): Promise<ReadonlyMap<PartitionId, PartitionRecord>>;
}

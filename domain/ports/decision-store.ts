import type { PartitionId } from "#domain/partition/partition-id.ts";
import type { Decision } from "#domain/placement/decision.ts";

/** Why partitions moved or did not. */
export interface DecisionStore {
	/** Replaces records of the same partition and time, so that a run can be repeated. @throws UnavailableError; retrying is safe */
	writeAll(decisions: readonly Decision[]): Promise<void>;
	/** Newest first. */
	list(partition: PartitionId, page: { readonly limit: number; readonly before?: string }): Promise<readonly Decision[]>;
}

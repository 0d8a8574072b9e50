import type { RegionId } from "#domain/geography/region-id.ts";
import type { PartitionId } from "#domain/partition/partition-id.ts";
import type { PartitionRecord } from "#domain/partition/record.ts";

/** What a conditional write of a record found. */
export type RecordWriteOutcome =
	| { readonly kind: "written"; readonly record: PartitionRecord }
	| { readonly kind: "conflict"; readonly current: PartitionRecord | undefined };

/** The freeze switches of the deployment. */
export interface Freeze {
	readonly global: boolean;
	readonly regions: readonly RegionId[];
}

/** The metadata table: reads of the nearest copy may be stale, writes go to the control region only and are conditional. */
export interface MetadataStore {
	/** From the copy in the caller's own region. */
	readNearest(partition: PartitionId): Promise<PartitionRecord | undefined>;
	/** Strongly consistent, from the control region. */
	readControl(partition: PartitionId): Promise<PartitionRecord | undefined>;
	/** Many at once, as `readControl`: every partition asked for is in the answer, undefined where there is no record. */
	readMany(partitions: readonly PartitionId[]): Promise<ReadonlyMap<PartitionId, PartitionRecord | undefined>>;
	/** `readMany` and `readFreeze` in one call. */
	readManyAndFreeze(
		partitions: readonly PartitionId[],
	): Promise<{ readonly records: Awaited<ReturnType<MetadataStore["readMany"]>>; readonly freeze: Freeze }>;
	/**
	 * Creates the record if there is none (first touch). `conflict` carries the record that is there; where that is this very record, an
	 * answer was lost, and it counts as written.
	 */
	create(record: PartitionRecord): Promise<RecordWriteOutcome>;
	/** Replaces the record if the stored `version` is still `next.version - 1`; this very record counts as written, as in `create`. */
	replace(next: PartitionRecord): Promise<RecordWriteOutcome>;
	list(page: { cursor?: string; limit: number }): Promise<{ records: readonly PartitionRecord[]; cursor?: string }>;
	readFreeze(): Promise<Freeze>;
	writeFreeze(freeze: Freeze): Promise<void>;
}

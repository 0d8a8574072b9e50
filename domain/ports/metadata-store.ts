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

/** Which copy of the table is asked: the caller's own region's, which may be stale, or the control region's, strongly consistent. */
export type MetadataCopy = "nearest" | "control";

/** The metadata table: reads of the nearest copy may be stale, writes go to the control region only and are conditional. */
export interface MetadataStore {
	/** From the copy in the caller's own region. */
	readNearest(partition: PartitionId): Promise<PartitionRecord | undefined>;
	/** Strongly consistent, from the control region. */
	readControl(partition: PartitionId): Promise<PartitionRecord | undefined>;
	/**
	 * Many at once: every partition asked for is in the answer, undefined where the copy has no record. At the nearest copy that is no proof
	 * that there is none: whoever would create one asks the control region.
	 */
	readMany(partitions: readonly PartitionId[], copy: MetadataCopy): Promise<ReadonlyMap<PartitionId, PartitionRecord | undefined>>;
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

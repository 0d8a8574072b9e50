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
	/** Creates the record if there is none (first touch). `conflict` carries the record that is there. */
	create(record: PartitionRecord): Promise<RecordWriteOutcome>;
	/** Replaces the record if the stored `version` is still `next.version - 1`. */
	replace(next: PartitionRecord): Promise<RecordWriteOutcome>;
	list(page: { cursor?: string; limit: number }): Promise<{ records: readonly PartitionRecord[]; cursor?: string }>;
	readFreeze(): Promise<Freeze>;
	writeFreeze(freeze: Freeze): Promise<void>;
}

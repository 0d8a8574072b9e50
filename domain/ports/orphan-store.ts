import type { RegionId } from "#domain/geography/region-id.ts";
import type { Orphan, Walks } from "#domain/orphans/orphan.ts";
import type { PartitionId } from "#domain/partition/partition-id.ts";

/** What is known of orphans, in the control region. Reports vanish by themselves some weeks after they were last written. @throws UnavailableError */
export interface OrphanStore {
	readWalks(): Promise<Walks>;
	writeWalks(walks: Walks): Promise<void>;
	find(region: RegionId, partition: PartitionId): Promise<Orphan | undefined>;
	put(orphan: Orphan): Promise<void>;
	/** By region, then partition; those that have been removed or were not met again included. */
	list(page: {
		readonly cursor?: string;
		readonly limit: number;
	}): Promise<{ readonly orphans: readonly Orphan[]; readonly cursor?: string }>;
}

import type { RegionId } from "#domain/geography/region-id.ts";
import type { PartitionId } from "#domain/partition/partition-id.ts";

/** A partition of which a promotion, or what it left behind, may be unfinished. */
export interface OpenPromotion {
	readonly partition: PartitionId;
	/** When it was last noted. */
	readonly notedAtMs: number;
	/** Regions whose copies have been discarded and that are to follow again. */
	readonly rejoin: readonly RegionId[];
}

/**
 * What recovery has to look at after promotions, in the control region; the partitions' records say what there is to do. It is noted
 * before a record says so, so nothing is missed. Every method: @throws UnavailableError; repeating it is safe.
 */
export interface OpenPromotions {
	note(partition: PartitionId, nowMs: number): Promise<void>;
	noteRejoin(partition: PartitionId, region: RegionId, nowMs: number): Promise<void>;
	dropRejoin(partition: PartitionId, region: RegionId): Promise<void>;
	/** Forgets the partition, unless it has been noted again since or a region is to rejoin. */
	close(seen: Pick<OpenPromotion, "partition" | "notedAtMs">): Promise<void>;
	/** By partition. One read where nothing is open. */
	list(range: {
		readonly after?: string;
		readonly limit: number;
	}): Promise<{ readonly entries: readonly OpenPromotion[]; readonly next?: string }>;
}

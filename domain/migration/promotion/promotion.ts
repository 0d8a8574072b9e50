import type { RegionId } from "#domain/geography/region-id.ts";
import { MigrationConflictError } from "#domain/migration/errors.ts";
import { migrationIdOf } from "#domain/migration/migration-id.ts";
import type { CopyContext } from "#domain/migration/stage-context.ts";
import { type Fence, FenceRole } from "#domain/partition/fence.ts";
import type { PartitionId } from "#domain/partition/partition-id.ts";
import type { PartitionRecord, Promotion } from "#domain/partition/record.ts";
import type { Clock } from "#domain/ports/clock.ts";
import type { MetadataStore } from "#domain/ports/metadata-store.ts";
import type { MigrationStore } from "#domain/ports/migration-store.ts";
import type { OpenPromotions } from "#domain/ports/open-promotions.ts";
import type { RegionalStores } from "#domain/ports/regional-store.ts";

/** What a promotion, and taking back what it left behind, need from outside. */
export interface PromotionDeps {
	readonly stores: RegionalStores;
	readonly metadata: Pick<MetadataStore, "readControl" | "replace">;
	readonly migrations: MigrationStore;
	/** Where recovery learns of it. */
	readonly open: OpenPromotions;
	readonly clock: Pick<Clock, "nowMs">;
	/** Seconds after which nothing that believes in an earlier fence is alive. */
	readonly quiesceSeconds: number;
}

/** What an operator asks for and vouches for. */
export interface PromotionRequest {
	readonly target: RegionId;
	/** Regions that take no writes, by the operator's word: down, or cut off from their clients. */
	readonly confirmedOff: readonly RegionId[];
	/** Acknowledged writes may be lost; what was lost is listed when the region returns. */
	readonly mayLoseWrites: boolean;
}

/** What could be seen of a region's fences. */
export type SeenFence = Fence | "absent" | "unreachable";

/** Why a promotion is refused. The codes are stable. */
export type PromotionRefusalCode =
	| "promotion.partition-unknown"
	| "promotion.not-a-copy"
	| "promotion.residency"
	| "promotion.target-unreachable"
	| "promotion.not-a-follower"
	| "promotion.follower-behind"
	| "promotion.leader-reachable"
	| "promotion.not-needed"
	| "promotion.not-confirmed-off"
	| "promotion.decision-unknown"
	| "promotion.under-way"
	| "promotion.busy";

export interface PromotionRefused {
	readonly kind: "refused";
	readonly code: PromotionRefusalCode;
	readonly reason: string;
}

export const refusedPromotion = (code: PromotionRefusalCode, reason: string): PromotionRefused => ({ kind: "refused", code, reason });

const MAX_ATTEMPTS = 10;

const LEAD = "-lead";

/** What the fences of a promotion to `epoch` bear: one for each, for no two promotions of a partition share an epoch. */
export const promotionIdOf = (partition: PartitionId, epoch: number): string => migrationIdOf(partition, epoch) + LEAD;

/** Whether a fence is held by a promotion. */
export const isPromotionId = (id: string | undefined): boolean => id?.endsWith(LEAD) === true;

/** Roles in which a region may have taken writes. */
export const isLeading = (fence: Pick<Fence, "role"> | undefined): boolean =>
	fence?.role === FenceRole.Leader || fence?.role === FenceRole.Fenced;

/** The fences of a promotion, or of taking a copy back, bear an id of their own. */
export const contextOf = (
	{ stores, clock }: Pick<PromotionDeps, "stores" | "clock">,
	{ partition, buckets }: Pick<PartitionRecord, "partition" | "buckets">,
	migrationId: string,
	deadlineMs: number,
): CopyContext => ({ stores, clock, partition, deadlineMs, migration: { migrationId, plan: { replicas: { buckets } } } });

/**
 * Changes the newest version of a partition's record; undefined leaves it.
 *
 * @throws MigrationConflictError when it keeps changing or is gone
 */
export async function amendPartition(
	{ metadata, clock }: Pick<PromotionDeps, "metadata" | "clock">,
	known: PartitionRecord,
	change: (record: PartitionRecord) => PartitionRecord | undefined,
): Promise<PartitionRecord> {
	let current = known;
	for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
		const next = change(current);
		if (next === undefined) return current;
		const outcome = await metadata.replace({ ...next, version: current.version + 1, updatedAtMs: clock.nowMs() });
		if (outcome.kind === "written") return outcome.record;
		if (outcome.current === undefined) break;
		current = outcome.current;
	}
	throw new MigrationConflictError("the partition's record keeps changing");
}

/** The same for the record's promotion, while it is still this one. @throws MigrationConflictError when it is not */
export const amendPromotion = (
	deps: Pick<PromotionDeps, "metadata" | "clock">,
	known: PartitionRecord,
	promotionId: string,
	change: (promotion: Promotion, record: PartitionRecord) => PartitionRecord | undefined,
): Promise<PartitionRecord> =>
	amendPartition(deps, known, (record) => {
		if (record.promotion?.promotionId !== promotionId) throw new MigrationConflictError("another promotion has taken over");
		return change(record.promotion, record);
	});

import type { RegionId } from "#domain/geography/region-id.ts";
import { FencesBusyError, MigrationConflictError } from "#domain/migration/errors.ts";
import { migrationIdOf } from "#domain/migration/migration-id.ts";
import { type Loss, type LossPosition, listLosses } from "#domain/migration/promotion/list-losses.ts";
import { emptyJournal } from "#domain/migration/promotion/merge-copies.ts";
import { amendPartition, contextOf, type PromotionDeps } from "#domain/migration/promotion/promotion.ts";
import { fenceOf, holds, moveFences, unexpected } from "#domain/migration/region-fences.ts";
import { FENCE_RETENTION_SECONDS, PAGE_SIZE } from "#domain/migration/settings.ts";
import type { CopyContext } from "#domain/migration/stage-context.ts";
import { FenceRole } from "#domain/partition/fence.ts";
import { bucketsOf, type PartitionId } from "#domain/partition/partition-id.ts";
import type { LostCopy, PartitionRecord } from "#domain/partition/record.ts";

/** Why a returned copy is not taken back. The codes are stable. */
export type ReclaimRefusalCode = "returned.unknown" | "returned.losses-not-seen" | "returned.busy";

export type ReclaimOutcome =
	/** The copy takes no writes any more; what it took until a moment ago may still be landing. The same call goes on. */
	| { readonly kind: "waiting"; readonly waitSeconds: number }
	| { readonly kind: "losses"; readonly losses: readonly Loss[]; readonly count: number; readonly next?: LossPosition }
	/** Still deleting; the same call goes on. */
	| { readonly kind: "again" }
	/** Nothing is left; the region may be given a copy like any other. */
	| { readonly kind: "reclaimed" }
	| { readonly kind: "refused"; readonly code: ReclaimRefusalCode; readonly reason: string };

export interface ReclaimRequest {
	readonly region: RegionId;
	/** Where a listing goes on. */
	readonly from?: LossPosition;
	readonly limit: number;
	/** The number of losses that the operator has seen in a whole listing: discards the copy. */
	readonly discardLosses?: number;
}

/**
 * Takes back a copy that a promotion left behind, step by step: its fences refuse every write, then what it had acknowledged and the
 * leader lacks is listed, then, once an operator has said how many that are, it is deleted. A normal migration may copy to it again.
 *
 * @throws UnavailableError when the region does not answer; calling again is safe
 */
export async function reclaim(
	deps: PromotionDeps,
	partition: PartitionId,
	request: ReclaimRequest,
	deadlineMs: number,
): Promise<ReclaimOutcome> {
	const record = await deps.metadata.readControl(partition);
	const copy = record?.lost?.find(({ region }) => region === request.region);
	if (record === undefined || copy === undefined)
		return refused("returned.unknown", `no promotion of ${partition} has left a copy behind in ${request.region}`);
	const ctx = contextOf(deps, record, `${migrationIdOf(partition, copy.epoch)}-back`, deadlineMs);
	try {
		return await takeBack(deps, ctx, record, copy, request);
	} catch (error) {
		if (error instanceof MigrationConflictError || error instanceof FencesBusyError) return refused("returned.busy", error.message);
		throw error;
	}
}

async function takeBack(
	deps: PromotionDeps,
	ctx: CopyContext,
	record: PartitionRecord,
	copy: LostCopy,
	{ from, limit, discardLosses }: ReclaimRequest,
): Promise<ReclaimOutcome> {
	const demotedAtMs = copy.demotedAtMs ?? (await demote(deps, ctx, record, copy));
	const waitSeconds = Math.ceil((demotedAtMs + deps.quiesceSeconds * 1000 - deps.clock.nowMs()) / 1000);
	if (waitSeconds > 0) return { kind: "waiting", waitSeconds };
	if (copy.discarding === true) return discard(deps, ctx, record, copy);
	if (discardLosses === undefined) {
		const { region, epoch } = copy;
		const page = await listLosses(ctx, { region, leader: record.leader, epoch }, limit, from);
		if (page.next === undefined) await amendCopy(deps, record, copy, (now) => ({ ...now, losses: page.count }));
		return { kind: "losses", ...page };
	}
	if (copy.losses !== discardLosses)
		return refused("returned.losses-not-seen", `the last whole listing has shown ${copy.losses ?? "nothing yet"}, not ${discardLosses}`);
	const agreed = await amendCopy(deps, record, copy, (now) => (now.losses === discardLosses ? { ...now, discarding: true } : now));
	const now = agreed.lost?.find((one) => one.region === copy.region && one.epoch === copy.epoch);
	if (now?.discarding !== true) return refused("returned.losses-not-seen", "another listing has shown another number");
	return discard(deps, ctx, agreed, now);
}

/** From here on the region forwards. @returns when that was known */
async function demote(deps: PromotionDeps, ctx: CopyContext, record: PartitionRecord, copy: LostCopy): Promise<number> {
	await moveFences(ctx, copy.region, (fence) => {
		if (holds(ctx, fence)) return undefined;
		// Whatever leads or follows there at a later epoch is not what was left behind.
		if (fence !== undefined && fence.epoch > copy.epoch) throw unexpected(ctx, copy.region, fence);
		return fenceOf(ctx, { role: FenceRole.Removing, epoch: copy.epoch, leader: record.leader });
	});
	const nowMs = deps.clock.nowMs();
	const written = await amendCopy(deps, record, copy, (now) => (now.demotedAtMs === undefined ? { ...now, demotedAtMs: nowMs } : now));
	return written.lost?.find(({ region }) => region === copy.region)?.demotedAtMs ?? nowMs;
}

async function discard(deps: PromotionDeps, ctx: CopyContext, record: PartitionRecord, copy: LostCopy): Promise<ReclaimOutcome> {
	const { region, epoch } = copy;
	const store = deps.stores(region);
	const guard = { epoch, migrationId: ctx.migration.migrationId };
	for (const ref of bucketsOf(ctx.partition, record.buckets)) {
		await emptyJournal(ctx, region, ref);
		for (;;) {
			if (deps.clock.nowMs() >= ctx.deadlineMs) return { kind: "again" };
			const { entries } = await store.listItems(ref, { limit: PAGE_SIZE });
			if (entries.length === 0) break;
			const outcome = await store.deleteItems(ref, entries, guard);
			// Whoever called at the same time has finished, or deletes the same page.
			if (outcome === "refused") throw new MigrationConflictError(`the copy in ${region} is not being discarded any more`);
		}
	}
	await moveFences(ctx, region, (fence) => {
		if (!holds(ctx, fence)) return undefined;
		const expiresAt = Math.floor(deps.clock.nowMs() / 1000) + FENCE_RETENTION_SECONDS;
		const { migrationId: _, ...moved } = fenceOf(ctx, { role: FenceRole.Moved, epoch, leader: record.leader, seq: 0 });
		return { ...moved, expiresAt };
	});
	await amendPartition(deps, record, (now) => {
		if (!now.lost?.some((one) => isSame(one, copy))) return undefined;
		const { lost, ...rest } = now;
		const left = lost.filter((one) => !isSame(one, copy));
		return left.length === 0 ? rest : { ...rest, lost: left };
	});
	return { kind: "reclaimed" };
}

const isSame = (a: LostCopy, b: LostCopy): boolean => a.region === b.region && a.epoch === b.epoch;

const amendCopy = (
	deps: PromotionDeps,
	record: PartitionRecord,
	copy: LostCopy,
	change: (now: LostCopy) => LostCopy,
): Promise<PartitionRecord> =>
	amendPartition(deps, record, (now) => {
		const present = now.lost?.find((one) => isSame(one, copy));
		if (present === undefined) throw new MigrationConflictError(`the copy in ${copy.region} has been reclaimed meanwhile`);
		const next = change(present);
		return next === present ? undefined : { ...now, lost: now.lost?.map((one) => (one === present ? next : one)) };
	});

const refused = (code: ReclaimRefusalCode, reason: string): Extract<ReclaimOutcome, { kind: "refused" }> => ({
	kind: "refused",
	code,
	reason,
});

import type { RegionId } from "#domain/geography/region-id.ts";
import { allBuckets, carryItems } from "#domain/migration/carry-journal.ts";
import { compareBucket } from "#domain/migration/compare-copies.ts";
import { MigrationConflictError, NotDominatedError } from "#domain/migration/errors.ts";
import { fenceOf, holds, moveExpectedFences, moveFences, type NextFence, unexpected } from "#domain/migration/region-fences.ts";
import { FENCE_RETENTION_SECONDS, PAGE_SIZE, PARALLEL_BUCKETS } from "#domain/migration/settings.ts";
import type { CopyContext } from "#domain/migration/stage-context.ts";
import { FenceRole, WriteMode } from "#domain/partition/fence.ts";
import type { BucketRef } from "#domain/partition/partition-id.ts";
import { compareVersions } from "#domain/partition/version.ts";
import type { HeldVersion as Held, Page, RegionalStore } from "#domain/ports/regional-store.ts";
import { mapParallel } from "#domain/shared/map-parallel.ts";

/** A copy to delete, and what its fence says afterwards, for seven days. */
export interface Removal {
	readonly region: RegionId;
	/** The present epoch of copy and leader. */
	readonly epoch: number;
	readonly leader: RegionId;
	readonly becomes: typeof FenceRole.Moved | typeof FenceRole.Aborted;
	/** Who follows afterwards: to those among the fence's peers this region, a former leader, may still owe what it accepted. */
	readonly followers: readonly RegionId[];
}

/** First a fence that refuses every put and every promotion: from here on the copy cannot be led from or go ahead of its leader. */
export const startRemoving = (ctx: CopyContext, { region, epoch, leader }: Removal): Promise<NextFence | undefined> =>
	moveFences(ctx, region, (fence) => {
		if (isGone(fence, epoch) || fence?.role === FenceRole.Removing) return undefined;
		const own = holds(ctx, fence) && fence?.epoch === epoch;
		if (!own || (fence.role !== FenceRole.Follower && fence.role !== FenceRole.Aborted)) throw unexpected(ctx, region, fence);
		return fenceOf(ctx, { role: FenceRole.Removing, epoch, leader, peers: fence.peers });
	});

/**
 * Deletes a copy: removing, proof that the leader has everything, deletion page by page, a fence that expires. What is left at the
 * deadline is done by the next run, which proves again.
 *
 * @param started the fence that `startRemoving` has left, where the caller has called it before
 * @returns whether it is finished
 * @throws NotDominatedError when the proof fails; nothing has been deleted by this run then
 */
export async function removeCopy(
	ctx: CopyContext,
	removal: Removal,
	started?: { readonly fence: NextFence | undefined },
): Promise<boolean> {
	const { region, epoch } = removal;
	const fence = started === undefined ? await startRemoving(ctx, removal) : started.fence;
	if (isGone(fence, epoch)) return true;
	if (!holds(ctx, fence) || fence?.epoch !== epoch) throw unexpected(ctx, region, fence);
	const copies = await mapParallel(allBuckets(ctx), PARALLEL_BUCKETS, (ref) => proveDominated(ctx, removal, ref));
	const owed = fence.peers.filter((peer) => removal.followers.includes(peer));
	await mapParallel(allBuckets(ctx), PARALLEL_BUCKETS, (ref) => payOwed(ctx, removal, owed, ref));
	const finished = await mapParallel(allBuckets(ctx), PARALLEL_BUCKETS, (ref) => deleteBucket(ctx, removal, ref, copies[ref.bucket]));
	if (finished.includes(false)) return false;
	await endCopy(ctx, removal);
	return true;
}

async function endCopy(ctx: CopyContext, { region, epoch, leader, becomes }: Removal): Promise<void> {
	const expiresAt = Math.floor(ctx.clock.nowMs() / 1000) + FENCE_RETENTION_SECONDS;
	const { migrationId, ...free } = fenceOf(ctx, { role: becomes, epoch, leader, seq: 0 });
	const to = { ...free, expiresAt };
	const from = { role: FenceRole.Removing, epoch, mode: WriteMode.Steady, ...(migrationId === undefined ? {} : { migrationId }) };
	await moveExpectedFences(ctx, region, { from, to }, (current) => {
		if (isGone(current, epoch)) return undefined;
		if (!holds(ctx, current) || current?.role !== FenceRole.Removing) throw unexpected(ctx, region, current);
		return to;
	});
}

/** Nothing of this copy is left: its last fence has its expiry, has expired, or a later migration has taken the place. */
const isGone = (fence: NextFence | undefined, epoch: number): boolean =>
	fence === undefined || fence.expiresAt !== undefined || fence.epoch > epoch;

/** The first page of the copy, raw: a copy that is being removed gets nothing new, so what has been proven need not be listed again. */
async function proveDominated(ctx: CopyContext, { region, leader }: Removal, ref: BucketRef): Promise<Page<Held> | undefined> {
	let first: Page<Held> | undefined;
	const listed: Pick<RegionalStore, "listItems"> = {
		async listItems(bucket, range) {
			const page = await ctx.stores(region).listItems(bucket, range);
			first ??= { ...page, entries: page.entries.map(({ key, version }) => ({ key, version })) };
			return page;
		},
	};
	for await (const { key, copy } of compareBucket(ctx.stores(leader), listed, ref, ctx.clock.nowMs())) {
		if (copy === undefined) continue;
		// Read again: the leader may have been listed before the write that dominates.
		const now = await ctx.stores(leader).readItem(ref, key);
		if (now === undefined || compareVersions(now.version, copy.version) < 0) throw new NotDominatedError(region, ref.bucket);
	}
	return first;
}

/** Once this region is gone nobody carries what its stream has not delivered yet: the present leader's copy is compared instead. */
async function payOwed(ctx: CopyContext, { leader, epoch }: Removal, owed: readonly RegionId[], ref: BucketRef): Promise<void> {
	for (const follower of owed) {
		for await (const { key } of compareBucket(ctx.stores(leader), ctx.stores(follower), ref, ctx.clock.nowMs())) {
			const item = await ctx.stores(leader).readItem(ref, key);
			if (item !== undefined) await carryItems(ctx, { to: [follower], epoch }, ref, [item]);
		}
	}
}

async function deleteBucket(
	ctx: CopyContext,
	{ region, epoch }: Removal,
	ref: BucketRef,
	listed: Page<Held> | undefined,
): Promise<boolean> {
	const store = ctx.stores(region);
	const guard = { epoch, migrationId: ctx.migration.migrationId };
	for (let page = listed; ; page = undefined) {
		if (ctx.clock.nowMs() >= ctx.deadlineMs) return false;
		page ??= await store.listItems(ref, { limit: PAGE_SIZE });
		const outcome = page.entries.length === 0 ? "deleted" : await store.deleteItems(ref, page.entries, guard);
		if (outcome !== "deleted") throw new MigrationConflictError(`a deletion in ${region} was ${outcome}`, { region });
		if (page.next === undefined) return true;
	}
}

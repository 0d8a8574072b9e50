import type { RegionId } from "#domain/geography/region-id.ts";
import {
	allBuckets,
	carryItems,
	type HotKeys,
	type JournalRoute,
	journalPages,
	readOwed,
	removeAll,
} from "#domain/migration/carry-journal.ts";
import { MigrationConflictError } from "#domain/migration/errors.ts";
import { holds } from "#domain/migration/region-fences.ts";
import { PARALLEL_BUCKETS } from "#domain/migration/settings.ts";
import type { StageContext } from "#domain/migration/stage-context.ts";
import { FenceRole } from "#domain/partition/fence.ts";
import type { StoredItem } from "#domain/partition/item.ts";
import type { BucketRef } from "#domain/partition/partition-id.ts";
import { mapParallel } from "#domain/shared/map-parallel.ts";

/**
 * Carries all that the journal of a fenced leader owes, with as few exchanges one after the other as there can be, because writers wait:
 * hot keys are read while the journal is listed, and entries stay (`forgetHandedOver`). Nothing is written there meanwhile.
 *
 * @throws CarryRefusedError when a copy is no longer this migration's at this epoch; MigrationConflictError
 */
export async function handOverJournal(ctx: StageContext, route: JournalRoute, hot: HotKeys): Promise<void> {
	await mapParallel(allBuckets(ctx), PARALLEL_BUCKETS, (ref) => handOverBucket(ctx, route, ref, hot.get(ref.bucket) ?? []));
}

async function handOverBucket(ctx: StageContext, route: JournalRoute, ref: BucketRef, hot: readonly string[]): Promise<void> {
	const read = (key: string): Promise<StoredItem | undefined> => ctx.stores(route.from).readItem(ref, key);
	const early = new Map(hot.map((key) => [key, read(key)]));
	// Whoever awaits one gets its error; one that is not in the journal is not awaited.
	for (const item of early.values()) item.catch(() => {});
	for await (const entries of journalPages(ctx, route.from, ref)) {
		const items = await readOwed(ctx, route.from, ref, entries, (key) => early.get(key) ?? read(key));
		await carryItems(
			ctx,
			route,
			ref,
			items.flatMap((item) => item ?? []),
		);
	}
}

/**
 * Empties the journal of a former leader, all of which was handed over before it became a follower at `epoch`. The entries are listed
 * first: while it is a follower at that epoch nobody has added to them, and whoever was paused finds another fence.
 *
 * @throws MigrationConflictError when the fence says something else
 */
export async function forgetHandedOver(ctx: StageContext, region: RegionId, epoch: number): Promise<void> {
	await mapParallel(allBuckets(ctx), PARALLEL_BUCKETS, async (ref) => {
		for await (const entries of journalPages(ctx, region, ref)) {
			if (entries.length === 0) continue;
			const fence = await ctx.stores(region).readFence(ref);
			if (!holds(ctx, fence) || fence?.role !== FenceRole.Follower || fence.epoch !== epoch)
				throw new MigrationConflictError(`the journal in ${region} is in use again`, { region });
			await removeAll(ctx, { from: region }, ref, entries);
		}
	});
}

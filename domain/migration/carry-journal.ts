import type { RegionId } from "#domain/geography/region-id.ts";
import { CarryRefusedError, CatchUpError, MigrationConflictError } from "#domain/migration/errors.ts";
import { holds } from "#domain/migration/region-fences.ts";
import { MAX_JOURNAL_PASSES, PAGE_SIZE, PARALLEL_BUCKETS } from "#domain/migration/settings.ts";
import { type CopyContext, mapParallel, type StageContext } from "#domain/migration/stage-context.ts";
import type { JournalEntry, StoredItem } from "#domain/partition/item.ts";
import { type BucketRef, bucketsOf } from "#domain/partition/partition-id.ts";
import { compareVersions } from "#domain/partition/version.ts";

/** Whose journal is carried, to which copies, and the epoch that all of them must be at. */
export interface JournalRoute {
	readonly from: RegionId;
	/** Empty: the entries owe nothing to anybody and are removed, while this migration holds the leader's fence. */
	readonly to: readonly RegionId[];
	readonly epoch: number;
}

/**
 * Carries the journal in passes over all buckets until a pass meets at most `enough` entries that it could not remove. With no
 * writers, `enough: 0` leaves it empty.
 *
 * @throws CatchUpError when that does not happen, CarryRefusedError when a copy is no longer this migration's at this epoch
 */
export async function carryJournal(ctx: StageContext, route: JournalRoute, enough: number): Promise<void> {
	let left = 0;
	for (let pass = 0; pass < MAX_JOURNAL_PASSES; pass++) {
		const counts = await mapParallel(allBuckets(ctx), PARALLEL_BUCKETS, (ref) => carryBucket(ctx, route, ref));
		left = counts.reduce((sum, count) => sum + count, 0);
		if (left <= enough) return;
	}
	throw new CatchUpError(left);
}

/** All buckets of the migration's partition. */
export const allBuckets = ({ partition, migration }: Pick<CopyContext, "partition" | "migration">): readonly BucketRef[] =>
	bucketsOf(partition, migration.plan.replicas.buckets);

/** Puts items, at most a page, on every copy of the route. @throws CarryRefusedError */
export async function carryItems(
	ctx: Pick<CopyContext, "stores" | "migration">,
	route: Omit<JournalRoute, "from">,
	ref: BucketRef,
	items: readonly StoredItem[],
): Promise<void> {
	if (items.length === 0) return;
	for (const region of route.to) {
		const outcome = await ctx.stores(region).carryItems(ref, items, { epoch: route.epoch, migrationId: ctx.migration.migrationId });
		if (outcome === "refused") throw new CarryRefusedError(region);
	}
}

async function carryBucket(ctx: StageContext, route: JournalRoute, ref: BucketRef): Promise<number> {
	let after: string | undefined;
	let left = 0;
	do {
		const page = await ctx.stores(route.from).listJournal(ref, { limit: PAGE_SIZE, ...(after === undefined ? {} : { after }) });
		left += await carryEntries(ctx, route, ref, page.entries);
		after = page.next;
	} while (after !== undefined);
	return left;
}

/** The number of entries that were written again meanwhile, and stay. */
async function carryEntries(ctx: StageContext, route: JournalRoute, ref: BucketRef, entries: readonly JournalEntry[]): Promise<number> {
	let left = 0;
	const unowed: JournalEntry[] = [];
	const owed: { readonly entry: JournalEntry; readonly item: StoredItem }[] = [];
	for (const entry of entries) {
		const item = route.to.length === 0 ? undefined : await ctx.stores(route.from).readItem(ref, entry.key);
		if (item === undefined) {
			unowed.push(entry);
			continue;
		}
		// The entry and its item change in one transaction: an item older than its entry cannot be.
		if (compareVersions(item.version, entry.version) < 0) throw new MigrationConflictError("a journal entry is ahead of its item");
		owed.push({ entry, item });
	}
	await carryItems(
		ctx,
		route,
		ref,
		owed.map(({ item }) => item),
	);
	for (const { entry } of owed) left += await remove(ctx, route, ref, entry);
	return left + (await removeUnowed(ctx, route, ref, unowed));
}

/** Entries that have nothing to carry go only if this migration held the fence after they were listed: a later one's entries stay. */
async function removeUnowed(ctx: StageContext, route: JournalRoute, ref: BucketRef, entries: readonly JournalEntry[]): Promise<number> {
	if (entries.length === 0) return 0;
	const fence = await ctx.stores(route.from).readFence(ref);
	if (!holds(ctx, fence)) throw new MigrationConflictError(`the journal in ${route.from} belongs to another migration by now`);
	let left = 0;
	for (const entry of entries) left += await remove(ctx, route, ref, entry);
	return left;
}

async function remove(ctx: StageContext, { from }: JournalRoute, ref: BucketRef, { key, version }: JournalEntry): Promise<number> {
	return (await ctx.stores(from).removeJournalEntry(ref, key, version)) === "newer" ? 1 : 0;
}

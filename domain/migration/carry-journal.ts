import type { RegionId } from "#domain/geography/region-id.ts";
import { CarryRefusedError, CatchUpError, MigrationConflictError } from "#domain/migration/errors.ts";
import { holds } from "#domain/migration/region-fences.ts";
import { MAX_JOURNAL_PASSES, PAGE_SIZE, PARALLEL_BUCKETS, PARALLEL_ENTRIES, SHORT_JOURNAL } from "#domain/migration/settings.ts";
import type { CopyContext, StageContext } from "#domain/migration/stage-context.ts";
import type { JournalEntry, StoredItem } from "#domain/partition/item.ts";
import { type BucketRef, bucketsOf } from "#domain/partition/partition-id.ts";
import { compareVersions } from "#domain/partition/version.ts";
import { mapParallel } from "#domain/shared/map-parallel.ts";

/** Whose journal is carried, to which copies, and the epoch that all of them must be at. */
export interface JournalRoute {
	readonly from: RegionId;
	/** Empty: the entries owe nothing to anybody and are removed, while this migration holds the leader's fence. */
	readonly to: readonly RegionId[];
	readonly epoch: number;
}

/** By bucket, keys that have lately been written: the likeliest to be in the journal again. */
export type HotKeys = ReadonlyMap<number, readonly string[]>;

/**
 * Carries the journal in passes over all buckets until a pass meets at most `enough` entries that it could not remove. With no
 * writers, `enough: 0` leaves it empty.
 *
 * @returns what the last pass met
 * @throws CatchUpError when that does not happen, CarryRefusedError when a copy is no longer this migration's at this epoch
 */
export async function carryJournal(ctx: StageContext, route: JournalRoute, enough: number): Promise<HotKeys> {
	let left = 0;
	for (let pass = 0; pass < MAX_JOURNAL_PASSES; pass++) {
		const buckets = await mapParallel(allBuckets(ctx), PARALLEL_BUCKETS, (ref) => carryBucket(ctx, route, ref));
		left = buckets.reduce((sum, bucket) => sum + bucket.left, 0);
		if (left <= enough) return new Map(buckets.map(({ bucket, keys }) => [bucket, keys]));
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

async function carryBucket(
	ctx: StageContext,
	route: JournalRoute,
	ref: BucketRef,
): Promise<{ readonly bucket: number; readonly left: number; readonly keys: readonly string[] }> {
	let left = 0;
	const keys: string[] = [];
	for await (const entries of journalPages(ctx, route.from, ref)) {
		left += await carryEntries(ctx, route, ref, entries);
		keys.push(...entries.map(({ key }) => key));
	}
	return { bucket: ref.bucket, left, keys: keys.slice(0, SHORT_JOURNAL) };
}

/** The journal of a bucket, page by page. */
export async function* journalPages(
	ctx: Pick<StageContext, "stores">,
	from: RegionId,
	ref: BucketRef,
): AsyncGenerator<readonly JournalEntry[]> {
	let after: string | undefined;
	do {
		const page = await ctx.stores(from).listJournal(ref, { limit: PAGE_SIZE, ...(after === undefined ? {} : { after }) });
		yield page.entries;
		after = page.next;
	} while (after !== undefined);
}

/** The number of entries that were written again meanwhile, and stay. */
async function carryEntries(ctx: StageContext, route: JournalRoute, ref: BucketRef, entries: readonly JournalEntry[]): Promise<number> {
	const items = route.to.length === 0 ? [] : await readOwed(ctx, route.from, ref, entries);
	await carryItems(
		ctx,
		route,
		ref,
		items.flatMap((item) => item ?? []),
	);
	const owed = entries.filter((_, i) => items[i] !== undefined);
	const unowed = entries.filter((_, i) => items[i] === undefined);
	return (await removeAll(ctx, route, ref, owed)) + (await removeUnowed(ctx, route, ref, unowed));
}

/** The items of entries, in their order; undefined where there is none. @param read how an item is come by. @default from the store */
export function readOwed(
	ctx: StageContext,
	from: RegionId,
	ref: BucketRef,
	entries: readonly JournalEntry[],
	read: (key: string) => Promise<StoredItem | undefined> = (key) => ctx.stores(from).readItem(ref, key),
): Promise<readonly (StoredItem | undefined)[]> {
	return mapParallel(entries, PARALLEL_ENTRIES, async ({ key, version }) => {
		const item = await read(key);
		// The entry and its item change in one transaction: an item older than its entry cannot be.
		if (item !== undefined && compareVersions(item.version, version) < 0)
			throw new MigrationConflictError("a journal entry is ahead of its item");
		return item;
	});
}

/** Entries that have nothing to carry go only if this migration held the fence after they were listed: a later one's entries stay. */
async function removeUnowed(ctx: StageContext, route: JournalRoute, ref: BucketRef, entries: readonly JournalEntry[]): Promise<number> {
	if (entries.length === 0) return 0;
	const fence = await ctx.stores(route.from).readFence(ref);
	if (!holds(ctx, fence)) throw new MigrationConflictError(`the journal in ${route.from} belongs to another migration by now`);
	return removeAll(ctx, route, ref, entries);
}

/** Removes entries that hold the version listed. @returns the number of those that were written again meanwhile, and stay */
export async function removeAll(
	ctx: StageContext,
	{ from }: Pick<JournalRoute, "from">,
	ref: BucketRef,
	entries: readonly JournalEntry[],
): Promise<number> {
	const outcomes = await mapParallel(entries, PARALLEL_ENTRIES, ({ key, version }) =>
		ctx.stores(from).removeJournalEntry(ref, key, version),
	);
	return outcomes.filter((outcome) => outcome === "newer").length;
}

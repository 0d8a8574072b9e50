import type { RegionId } from "#domain/geography/region-id.ts";
import { type Fence, FenceRole, WriteMode } from "#domain/partition/fence.ts";
import { admitsCarry } from "#domain/partition/fence-rules.ts";
import type { CarryOutcome, ItemWrite, StoredItem, WriteOutcome } from "#domain/partition/item.ts";
import type { BucketRef } from "#domain/partition/partition-id.ts";
import type { CarryGuard, RegionalStore } from "#domain/ports/regional-store.ts";
import type { PlantedBug } from "#simulation/planted/bugs.ts";
import type { MemoryBucket, MemoryRegionalStore } from "#simulation/stores/memory-regional-store.ts";

function bucketIn(table: MemoryRegionalStore, { partition, bucket }: BucketRef): MemoryBucket {
	const found = table.buckets.get(`${partition}#${bucket}`);
	if (found === undefined) throw new Error(`no bucket ${bucket} in ${table.region}`);
	return found;
}

/** Both ways to carry, by a rule of their own. */
const carryingBy = (put: (ref: BucketRef, item: StoredItem, guard: CarryGuard) => CarryOutcome): Partial<RegionalStore> => ({
	carry: async (ref, item, guard) => put(ref, item, guard),
	carryItems: async (ref, items, guard) => (items.map((item) => put(ref, item, guard)).includes("refused") ? "refused" : "carried"),
});

/** Rules about items, versions, tombstones, journals and reads. */
export const ITEM_BUGS: readonly PlantedBug[] = [
	{
		name: "carry without a version check",
		rule: "a carried item is put only if its version is newer",
		weaken: {
			table: (table) =>
				carryingBy((ref, item, guard) => {
					if (!admitsCarry(bucketIn(table, ref).fence, guard)) return "refused";
					table.overwrite(ref, item);
					return "stored";
				}),
		},
	},
	{
		name: "carry onto anything",
		rule: "a put never lands on a leader; it needs a fence that is joining or follower, at this epoch and migration",
		weaken: {
			table: (table) =>
				carryingBy((ref, item) => {
					const { items } = bucketIn(table, ref);
					const stored = items.get(item.key);
					if (stored !== undefined && stored.version.epoch === item.version.epoch && stored.version.n >= item.version.n)
						return "already-newer";
					table.overwrite(ref, item);
					return "stored";
				}),
		},
	},
	{
		name: "forget the tombstone",
		rule: "deletes are tombstones with a version",
		weaken: {
			table: (table, who) =>
				who !== "data"
					? {}
					: {
							writeSteady: async (ref, write, lease) => forgetting(table, ref, write, await table.writeSteady(ref, write, lease)),
							writeGuarded: async (ref, write, epoch) => forgetting(table, ref, write, await table.writeGuarded(ref, write, epoch)),
						},
		},
	},
	{
		name: "remove journal entries whatever they hold",
		rule: "an entry is removed only if it still holds the version that was carried",
		weaken: {
			table: (table) => ({
				removeJournalEntry: async (ref, key) => (bucketIn(table, ref).journal.delete(key) ? "removed" : "absent"),
			}),
		},
	},
	{
		name: "activate before the journal is empty",
		rule: "Settle empties the journal before the phase is active",
		weaken: {
			table: (table, who) => ({
				listJournal: async (ref, range) =>
					who === "stage" && table.buckets.get(`${ref.partition}#${ref.bucket}`)?.fence?.mode === WriteMode.Steady
						? { entries: [] }
						: table.listJournal(ref, range),
			}),
		},
	},
	{
		name: "cut over with the journal not carried",
		rule: "what is left of the journal is carried between fencing and the decision",
		weaken: {
			table: (table, who) => ({
				listJournal: async (ref, range) =>
					who === "stage" && table.buckets.get(`${ref.partition}#${ref.bucket}`)?.fence?.role === FenceRole.Fenced
						? { entries: [] }
						: table.listJournal(ref, range),
			}),
		},
	},
	{
		name: "write without looking at the guarded fence",
		rule: "a guarded write checks role, mode and epoch in its transaction",
		weaken: {
			table: (table, who) =>
				who !== "data"
					? {}
					: {
							writeGuarded: async (ref, write, epoch) => {
								const bucket = bucketIn(table, ref);
								const { fence } = bucket;
								if (fence === undefined) return { kind: "fence-changed" };
								bucket.fence = { ...fence, role: FenceRole.Leader, mode: WriteMode.Guarded, epoch };
								const outcome = await table.writeGuarded(ref, write, epoch);
								bucket.fence = fence;
								return outcome;
							},
						},
		},
	},
	{
		name: "cache the fence for guarded reads",
		rule: "a guarded read counts only if the fence, read after the item, still says leader at the epoch seen before",
		weaken: { table: (table, who) => (who === "data" ? rememberingFences(table) : {}) },
	},
	{
		name: "prove a copy by itself",
		rule: "a copy is deleted only after every item was found dominated at the leader",
		weaken: {
			table: (table, who, tables) => ({
				listItems: (ref, range) => ((who === "stage" && copyBeingRemoved(table, ref, tables)) || table).listItems(ref, range),
				readItem: (ref, key) => ((who === "stage" && copyBeingRemoved(table, ref, tables)) || table).readItem(ref, key),
			}),
		},
	},
];

function forgetting(table: MemoryRegionalStore, ref: BucketRef, { key, content }: ItemWrite, outcome: WriteOutcome): WriteOutcome {
	if (content === undefined && outcome.kind === "written") bucketIn(table, ref).items.delete(key);
	return outcome;
}

/** Fences once seen guarded and leading, for ever. */
function rememberingFences(table: MemoryRegionalStore): Partial<RegionalStore> {
	const kept = new Map<number, Fence>();
	const remember = (bucket: number, fence: Fence | undefined): Fence | undefined => {
		const known = kept.get(bucket);
		if (known !== undefined) return known;
		if (fence?.role === FenceRole.Leader && fence.mode === WriteMode.Guarded) kept.set(bucket, fence);
		return fence;
	};
	return {
		readFence: async (ref) => remember(ref.bucket, await table.readFence(ref)),
		readFences: async (partition, buckets) => (await table.readFences(partition, buckets)).map((fence, bucket) => remember(bucket, fence)),
	};
}

/** The copy that a proof should compare with this leader. */
const copyBeingRemoved = (
	leader: MemoryRegionalStore,
	{ partition, bucket }: BucketRef,
	tables: ReadonlyMap<RegionId, MemoryRegionalStore>,
): MemoryRegionalStore | undefined =>
	[...tables.values()].find((table) => {
		const fence = table.buckets.get(`${partition}#${bucket}`)?.fence;
		return table !== leader && fence?.role === FenceRole.Removing && fence.leader === leader.region;
	});

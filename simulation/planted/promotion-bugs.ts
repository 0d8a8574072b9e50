import { type FenceChange, FenceRole } from "#domain/partition/fence.ts";
import type { BucketRef, PartitionId } from "#domain/partition/partition-id.ts";
import { Phase } from "#domain/partition/record.ts";
import type { RegionalStore } from "#domain/ports/regional-store.ts";
import type { PlantedBug } from "#simulation/planted/bugs.ts";
import type { Weakening } from "#simulation/planted/weakening.ts";
import type { MemoryRegionalStore } from "#simulation/stores/memory-regional-store.ts";

/** A table as promotions meet it. */
const promoting = (
	lie: (table: MemoryRegionalStore, tables: ReadonlyMap<string, MemoryRegionalStore>) => Partial<RegionalStore>,
): Weakening => ({
	table: (table, who, tables) => (who === "promotion" ? lie(table, tables) : {}),
});

/** Changes of fences that promotions are told were applied, and that were not. */
const pretending = (isFor: (change: FenceChange, table: MemoryRegionalStore) => boolean): Weakening =>
	promoting((table) => ({
		changeFences: async (partition: PartitionId, changes: readonly FenceChange[]) =>
			changes.some((change) => isFor(change, table)) ? "applied" : table.changeFences(partition, changes),
	}));

/** The decision `aborted` in the words of fences: a new copy is over, a standing follower goes on at the next epoch. */
function isAbort({ expect, next }: FenceChange): boolean {
	if (next === "delete") return false;
	if (next.role === FenceRole.Aborted) return true;
	const before = expect === "absent" ? undefined : expect;
	return next.role === FenceRole.Follower && before?.role === FenceRole.Follower && next.epoch === (before.epoch ?? 0) + 1;
}

/** Rules about letting another region lead where one is lost, and about its return. */
export const PROMOTION_BUGS: readonly PlantedBug[] = [
	{
		name: "promote without aborting",
		rule: "a promotion first records aborted at any open migration's target",
		weaken: pretending(isAbort),
	},
	{
		name: "promote without making the copies equal",
		rule: "each copy gets what another has in a newer version before one of them leads",
		weaken: promoting(() => ({ carryItems: async () => "carried" })),
	},
	{
		name: "make the copies equal in one pass",
		rule: "what a later copy gives to the new leader the earlier ones get in a second pass",
		weaken: promoting((table, tables) => ({ listItems: listingOnce(table, tables) })),
	},
	{
		name: "seize only the new leader",
		rule: "every copy that stays leaves the old epoch before one of them leads",
		weaken: pretending(({ next }, table) => next !== "delete" && next.role === FenceRole.Follower && next.leader !== table.region),
	},
	{
		name: "promote at the next epoch",
		rule: "a promotion takes e+2: whatever became of the migration, or the lost leader takes e+1",
		weaken: {
			metadata: (metadata, table) => ({
				replace: async (next) => {
					const { promotion } = next;
					const isClaim = promotion !== undefined && metadata.control.get(next.partition)?.promotion === undefined;
					return table.replace(isClaim ? { ...next, promotion: { ...promotion, epoch: promotion.epoch - 1 } } : next);
				},
			}),
		},
	},
	{
		name: "take the operator's word for every silent region",
		rule: "one that does not answer for a moment is not off: a promotion without losses needs each silent region confirmed",
		weaken: { promoting: { vouchesForAll: true } },
	},
	{
		name: "discard a returned copy without listing its losses",
		rule: "everything a lost region acknowledged since is listed as lost when it returns",
		weaken: { promoting: { keepsNothing: true } },
	},
	{
		name: "plan with a copy that was left behind",
		rule: "a returned copy is fully resynchronised before it is a follower",
		weaken: {
			metadata: (metadata, table) => ({
				readControl: async (partition) => {
					const record = await table.readControl(partition);
					if (record?.lost === undefined || record.phase !== Phase.Active) return record;
					// As if it had only been away: it follows again with what it has.
					const { lost, ...rest } = record;
					const back = lost.filter(({ member }) => member === true).map(({ region }) => region);
					metadata.put({ ...rest, followers: [...new Set([...rest.followers, ...back])], version: rest.version + 1 });
					return metadata.control.get(partition);
				},
			}),
		},
	},
];

/** A second walk over a copy finds what its leader has. */
function listingOnce(table: MemoryRegionalStore, tables: ReadonlyMap<string, MemoryRegionalStore>): RegionalStore["listItems"] {
	const walked = new Set<number>();
	return async (ref: BucketRef, range) => {
		const fence = table.buckets.get(`${ref.partition}#${ref.bucket}`)?.fence;
		const leader = fence?.role === FenceRole.Follower && fence.leader !== table.region ? tables.get(fence.leader) : undefined;
		if (leader !== undefined && walked.has(ref.bucket)) return leader.listItems(ref, range);
		const page = await table.listItems(ref, range);
		if (page.next === undefined) walked.add(ref.bucket);
		return page;
	};
}

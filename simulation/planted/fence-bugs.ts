import { type FenceChange, FenceRole, WriteMode } from "#domain/partition/fence.ts";
import type { PlantedBug } from "#simulation/planted/bugs.ts";
import type { Weakening } from "#simulation/planted/weakening.ts";
import type { MemoryRegionalStore } from "#simulation/stores/memory-regional-store.ts";

/** What a stage's fence changes become. */
const changing = (alter: (change: FenceChange, table: MemoryRegionalStore) => FenceChange): Weakening => ({
	table: (table, who) =>
		who !== "stage"
			? {}
			: {
					changeFences: (partition, changes) =>
						table.changeFences(
							partition,
							changes.map((change) => alter(change, table)),
						),
				},
});

const isDecision = ({ next, expect }: FenceChange): boolean =>
	next !== "delete" && next.role === FenceRole.Leader && expect !== "absent" && expect.role === FenceRole.Follower;

/** Rules about who may change a fence, and to what. */
export const FENCE_BUGS: readonly PlantedBug[] = [
	{
		name: "decide without a condition",
		rule: "commit and abort are each conditional on not yet decided, so exactly one wins",
		weaken: changing((change) => (isDecision(change) ? { ...change, expect: {} } : change)),
	},
	{
		name: "abort without a condition",
		rule: "an abort is refused once the decision has been taken",
		weaken: changing((change) =>
			change.next !== "delete" && change.next.role === FenceRole.Aborted && change.next.expiresAt === undefined
				? { ...change, expect: change.expect === "absent" ? "absent" : {} }
				: change,
		),
	},
	{
		name: "decide for a steady leader",
		rule: "the decision sets the mode to guarded: a steady target would lose writes at a rollback",
		weaken: changing((change) =>
			isDecision(change) && change.next !== "delete" ? { ...change, next: { ...change.next, mode: WriteMode.Steady } } : change,
		),
	},
	{
		name: "write fences without their epoch",
		rule: "a fence write is conditional on role, epoch, mode and migrationId",
		weaken: changing((change) => {
			if (change.expect === "absent") return change;
			const { role } = change.expect;
			return { ...change, expect: role === undefined ? {} : { role } };
		}),
	},
	{
		name: "write fences without their migrationId",
		rule: "without the migrationId a paused stage wakes up and acts on the next migration",
		weaken: changing((change) => {
			if (change.expect === "absent") return change;
			const { migrationId: _, ...expect } = change.expect;
			return { ...change, expect };
		}),
	},
	{
		name: "delete without removing",
		rule: "deletion needs a fence that says removing, at this epoch and migration",
		weaken: {
			table: (table, who) =>
				who !== "stage"
					? {}
					: {
							changeFences: async (partition, changes) => {
								if (changes.some(({ next }) => next !== "delete" && next.role === FenceRole.Removing)) return "applied";
								return table.changeFences(partition, changes);
							},
							deleteItems: async ({ partition, bucket }, held) => {
								for (const { key } of held) table.buckets.get(`${partition}#${bucket}`)?.items.delete(key);
								return "deleted";
							},
						},
		},
	},
	{
		name: "forget whom a former leader owes",
		rule: "the region that accepted a write carries its record whatever its role is by then",
		weaken: changing((change) =>
			change.next !== "delete" && change.next.role === FenceRole.Follower ? { ...change, next: { ...change.next, peers: [] } } : change,
		),
	},
	{
		name: "do not fence the old leader",
		rule: "the old leader is fenced before what is left of the journal is carried",
		weaken: {
			table: (table, who) =>
				who === "stage"
					? {}
					: {
							readFence: async (ref) => unfenced(await table.readFence(ref)),
							readFences: async (partition, buckets) => (await table.readFences(partition, buckets)).map(unfenced),
							writeGuarded: async (ref, write, epoch) => {
								const slot = table.buckets.get(`${ref.partition}#${ref.bucket}`);
								if (slot?.fence?.role !== FenceRole.Fenced) return table.writeGuarded(ref, write, epoch);
								slot.fence = { ...slot.fence, role: FenceRole.Leader };
								const outcome = await table.writeGuarded(ref, write, epoch);
								slot.fence = { ...slot.fence, role: FenceRole.Fenced };
								return outcome;
							},
						},
		},
	},
];

const unfenced = <T extends { readonly role: FenceRole } | undefined>(fence: T): T =>
	fence?.role === FenceRole.Fenced ? { ...fence, role: FenceRole.Leader } : fence;

import type { RegionId } from "#domain/geography/region-id.ts";
import { MigrationState } from "#domain/migration/record.ts";
import { type MigrationRequest, moveActions } from "#domain/migration/request.ts";
import { Stage } from "#domain/migration/stages.ts";
import type { Expected } from "./check-settled.ts";
import { A, B, C, EPOCH, P } from "./migration-world.ts";

/** One plan on one replica set, and what an operator asks for when a stage begins. */
export interface Scenario {
	readonly name: string;
	readonly followers: readonly RegionId[];
	readonly actions: MigrationRequest["actions"];
	readonly interrupt?: { readonly at: Stage; readonly ask: "cancel" | "rollback" };
	readonly expected: Expected;
}

export const requestFor = ({ actions }: Pick<Scenario, "actions">): MigrationRequest => ({
	migrationId: "acme-documents-e3",
	partition: P,
	epoch: EPOCH,
	actions,
	requestedBy: "operator",
	soakSeconds: 400,
	canary: [{ weight: 0.5, holdSeconds: 30 }],
});

const completed = { state: MigrationState.Completed, epochs: 1 } as const;
const cancelled = { state: MigrationState.Cancelled, leader: A, epochs: 1 } as const;
const rolledBack = { state: MigrationState.RolledBack, leader: A, epochs: 2 } as const;

export const MOVE: Scenario = {
	name: "a move",
	followers: [],
	actions: moveActions(A, B),
	expected: { ...completed, leader: B, followers: [] },
};

export const SCENARIOS: readonly Scenario[] = [
	MOVE,
	{
		name: "a move past a standing follower",
		followers: [C],
		actions: moveActions(A, B),
		expected: { ...completed, leader: B, followers: [C] },
	},
	{ name: "a new follower", followers: [], actions: [{ addFollower: B }], expected: { ...completed, leader: A, followers: [B] } },
	{
		name: "leadership to a standing follower",
		followers: [B, C],
		actions: [{ transferLeadership: B }],
		expected: { ...completed, leader: B, followers: [A, C] },
	},
	{
		name: "leadership to a standing follower, the old leader removed and a copy added",
		followers: [B],
		actions: [{ addFollower: C }, { transferLeadership: B }, { removeFollower: A }],
		expected: { ...completed, leader: B, followers: [C] },
	},
	{ name: "a follower less", followers: [B, C], actions: [{ removeFollower: B }], expected: { ...completed, leader: A, followers: [C] } },
	...[Stage.CreateReplica, Stage.Quiesce, Stage.Synchronize, Stage.Verify, Stage.ShiftTraffic, Stage.Cutover].map(
		(at): Scenario => ({
			name: `a move cancelled at ${at}`,
			followers: [],
			actions: moveActions(A, B),
			interrupt: { at, ask: "cancel" },
			expected: { ...cancelled, followers: [] },
		}),
	),
	{
		name: "a transfer cancelled",
		followers: [B, C],
		actions: [{ transferLeadership: B }],
		interrupt: { at: Stage.Cutover, ask: "cancel" },
		expected: { ...cancelled, followers: [B, C] },
	},
	{
		name: "a removal cancelled",
		followers: [B, C],
		actions: [{ removeFollower: B }],
		interrupt: { at: Stage.Cutover, ask: "cancel" },
		expected: { ...cancelled, followers: [B, C] },
	},
	{
		name: "two new followers cancelled",
		followers: [],
		actions: [{ addFollower: B }, { addFollower: C }],
		interrupt: { at: Stage.Verify, ask: "cancel" },
		expected: { ...cancelled, followers: [] },
	},
	{
		name: "a move rolled back",
		followers: [C],
		actions: moveActions(A, B),
		interrupt: { at: Stage.Soak, ask: "rollback" },
		expected: { ...rolledBack, followers: [C] },
	},
	{
		name: "a transfer rolled back",
		followers: [B, C],
		actions: [{ transferLeadership: B }],
		interrupt: { at: Stage.Soak, ask: "rollback" },
		expected: { ...rolledBack, followers: [B, C] },
	},
];

import { describe, expect, it } from "vitest";
import { regionId } from "#domain/geography/region-id.ts";
import { deciderOf, decisionOf } from "#domain/migration/cutover-decision.ts";
import type { MigrationPlan } from "#domain/migration/plan-schema.ts";
import { type Fence, FenceRole, WriteMode } from "#domain/partition/fence.ts";
import { reasonOf, requestSchema } from "#lambdas/run-stage/stage-input.ts";

const A = regionId("eu-west-1");
const B = regionId("us-east-1");

describe("decisionOf", () => {
	const plan = (more: Partial<MigrationPlan>) =>
		({ joins: [], removals: [], replicas: { leaderBefore: A }, ...more }) as Partial<MigrationPlan> as MigrationPlan;
	const fence = (role: FenceRole, epoch: number, migrationId?: string): Fence => ({
		role,
		epoch,
		mode: WriteMode.Guarded,
		seq: 0,
		peers: [],
		leader: A,
		buckets: 1,
		...(migrationId === undefined ? {} : { migrationId }),
	});
	const transfer = { plan: plan({ joins: [B], transfer: B }), epoch: 5, migrationId: "m" };
	const join = { plan: plan({ joins: [B] }), epoch: 5, migrationId: "m" };
	const removal = { plan: plan({ removals: [B] }), epoch: 5, migrationId: "m" };

	it("lies with the new leader, the new copy, or the leader that stays", () => {
		expect(deciderOf(transfer)).toEqual({ kind: "transfer", region: B });
		expect(deciderOf(join)).toEqual({ kind: "join", region: B });
		expect(deciderOf(removal)).toEqual({ kind: "leader", region: A });
	});

	it.each([
		["no fence", transfer, undefined, "undecided"],
		["a joining copy", transfer, fence(FenceRole.Joining, 5, "m"), "undecided"],
		["a follower at the claimed epoch", transfer, fence(FenceRole.Follower, 5, "m"), "undecided"],
		["what an earlier migration left", transfer, fence(FenceRole.Aborted, 5), "undecided"],
		["the new leader", transfer, fence(FenceRole.Leader, 6, "m"), "committed"],
		["the new leader, let go", transfer, fence(FenceRole.Leader, 6), "committed"],
		["the new leader on its way back", transfer, fence(FenceRole.Fenced, 6, "m"), "committed"],
		["after a rollback", transfer, fence(FenceRole.Moved, 7), "committed"],
		["an aborted copy", transfer, fence(FenceRole.Aborted, 6, "m"), "aborted"],
		["an aborted copy being deleted", transfer, fence(FenceRole.Removing, 6, "m"), "aborted"],
		["a standing follower gone on", transfer, fence(FenceRole.Follower, 6, "m"), "aborted"],
		["a new follower", join, fence(FenceRole.Follower, 6, "m"), "committed"],
		["an aborted new follower", join, fence(FenceRole.Aborted, 6, "m"), "aborted"],
		["a leader not yet touched", removal, fence(FenceRole.Leader, 5), "undecided"],
		["a leader gone on, held", removal, fence(FenceRole.Leader, 6, "m"), "committed"],
		["a leader gone on, free", removal, fence(FenceRole.Leader, 6), "aborted"],
	] as const)("reads %s", (_what, migration, seen, decision) => {
		expect(decisionOf(migration, seen)).toBe(decision);
	});
});

describe("the input of stages", () => {
	const request = { migrationId: "m-1", partition: "acme:eu", epoch: 1, actions: [{ addFollower: B }], requestedBy: "placement" };

	it("is taken as StartExecution got it, and nothing else is", () => {
		expect(requestSchema.parse(request)).toEqual(request);
		expect(requestSchema.safeParse({ ...request, keys: ["secret"] }).success).toBe(false);
		expect(requestSchema.safeParse({ ...request, migrationId: "a b" }).success).toBe(false);
		expect(requestSchema.safeParse({ ...request, canary: [{ weight: 0, holdSeconds: 1 }] }).success).toBe(false);
	});

	it("says in words what a Catch caught", () => {
		const cause = JSON.stringify({ errorType: "VerificationError", errorMessage: "11 items had to be repaired" });
		expect(reasonOf({ Error: "VerificationError", Cause: cause })).toBe("VerificationError: 11 items had to be repaired");
		expect(reasonOf({ Error: "States.Timeout", Cause: "not json" })).toBe("States.Timeout: not json");
		expect(reasonOf(undefined)).toBeUndefined();
	});
});

import { describe, expect, it } from "vitest";
import { type RegionId, regionId } from "#domain/geography/region-id.ts";
import { migrationIdOf } from "#domain/migration/migration-id.ts";
import { createMigrationPlan, type PlanInput } from "#domain/migration/plan.ts";
import { migrationPlanSchema, SyncStrategy } from "#domain/migration/plan-schema.ts";
import { moveActions, type PlanAction } from "#domain/migration/request.ts";
import { DATA_PLANE_TIMEOUT_SECONDS, MIGRATION_SETTINGS } from "#domain/migration/settings.ts";
import { partitionId } from "#domain/partition/partition-id.ts";
import { type PartitionRecord, Phase } from "#domain/partition/record.ts";
import { GUARD_TTL_MS } from "#domain/partition/settings.ts";
import { DATA_PLANE_TIMEOUT_SECONDS as DESCRIBED_TIMEOUT_SECONDS } from "#infra/description/functions.ts";
import fc from "#test/__helpers__/fast-check.ts";

const [A, B, C, D] = ["eu-west-1", "us-east-1", "ap-northeast-1", "sa-east-1"].map(regionId) as [RegionId, RegionId, RegionId, RegionId];

const record = (more: Partial<PartitionRecord> = {}): PartitionRecord => ({
	partition: partitionId("acme"),
	leader: A,
	followers: [],
	epoch: 1,
	phase: Phase.Active,
	buckets: 2,
	version: 1,
	createdAtMs: 0,
	updatedAtMs: 0,
	leaderSinceMs: 0,
	...more,
});

const planFor = (actions: readonly PlanAction[], more: Partial<PlanInput> & { record?: PartitionRecord } = {}) =>
	createMigrationPlan({
		request: { actions, requestedBy: "placement" },
		record: record(),
		freeze: { global: false, regions: [] },
		regions: [A, B, C, D],
		settings: MIGRATION_SETTINGS,
		...more,
	});

describe("createMigrationPlan", () => {
	it("plans a classic move: a new copy, the lead, the old copy away", () => {
		const made = planFor(moveActions(A, B));
		expect(made).toMatchObject({
			kind: "planned",
			plan: {
				joins: [B],
				transfer: B,
				removals: [A],
				sync: SyncStrategy.Full,
				replicas: { leaderBefore: A, leaderAfter: B, followersAfter: [] },
				traffic: { steps: MIGRATION_SETTINGS.canary },
			},
		});
	});

	it("copies nothing in full for a standing follower, and shifts no traffic where leadership stays", () => {
		const standing = record({ followers: [B] });
		expect(planFor([{ transferLeadership: B }], { record: standing })).toMatchObject({
			plan: { joins: [], sync: SyncStrategy.Incremental, replicas: { followersAfter: [A] } },
		});
		expect(planFor([{ addFollower: B }])).toMatchObject({ plan: { sync: SyncStrategy.Full, traffic: { steps: [] } } });
		expect(planFor([{ removeFollower: B }], { record: standing })).toMatchObject({ plan: { sync: SyncStrategy.None, removals: [B] } });
	});

	it("looks at a soak every minute, and at one of a day so that the execution's events suffice", () => {
		const tickOf = (soakSeconds: number) => {
			const request = { actions: moveActions(A, B), requestedBy: "operator" as const, soakSeconds };
			const made = planFor([], { request });
			return made.kind === "planned" ? made.plan.soakTickSeconds : made.reason;
		};
		expect([900, 18_000, 86_400].map(tickOf)).toEqual([60, 60, 288]);
	});

	it("counts a follower that is there already as added", () => {
		expect(planFor(moveActions(A, B), { record: record({ followers: [B] }) })).toMatchObject({ plan: { joins: [], transfer: B } });
	});

	it.each([
		["all is frozen", { freeze: { global: true, regions: [] } }, "migration.frozen"],
		["the source is frozen", { freeze: { global: false, regions: [A] } }, "migration.frozen"],
		["the partition is frozen", { record: record({ frozen: true }) }, "migration.frozen"],
		["residency excludes the target", { record: record({ residency: [A, C] }) }, "migration.residency"],
		["the target is not deployed", { regions: [A, C] }, "migration.invalid-plan"],
	])("refuses when %s", (_why, more, code) => {
		expect(planFor(moveActions(A, B), more)).toMatchObject({ kind: "refused", code });
	});

	it.each([
		["leadership to nobody's copy", [{ transferLeadership: B }]],
		["the leader removed", [{ removeFollower: A }]],
		["nothing to do", [{ addFollower: A }]],
		["two transfers", [{ addFollower: B }, { addFollower: C }, { transferLeadership: B }, { transferLeadership: C }]],
		["added and removed", [{ addFollower: B }, { removeFollower: B }]],
		["removed and added", [{ addFollower: B }, { transferLeadership: B }, { removeFollower: A }, { addFollower: A }]],
	] as [string, PlanAction[]][])("refuses %s", (_why, actions) => {
		expect(planFor(actions)).toMatchObject({ kind: "refused", code: "migration.invalid-plan" });
	});

	it("never plans a copy where residency forbids it, and always leaves a leader that holds one", () => {
		const region = fc.constantFrom(A, B, C, D);
		const action = fc.oneof(
			region.map((addFollower): PlanAction => ({ addFollower })),
			region.map((transferLeadership): PlanAction => ({ transferLeadership })),
			region.map((removeFollower): PlanAction => ({ removeFollower })),
		);
		const residency = fc.option(fc.uniqueArray(region, { minLength: 1 }), { nil: undefined });
		fc.assert(
			fc.property(fc.array(action, { maxLength: 5 }), fc.uniqueArray(fc.constantFrom(B, C)), residency, (actions, followers, allowed) => {
				const before = record({ followers, ...(allowed === undefined ? {} : { residency: [A, ...allowed] }) });
				const made = planFor(actions, { record: before });
				if (made.kind === "refused") return;
				const plan = migrationPlanSchema.parse(made.plan);
				for (const copy of [...plan.joins, plan.replicas.leaderAfter]) {
					expect(allowed === undefined || copy === A || allowed.includes(copy)).toBe(true);
				}
				const after = [plan.replicas.leaderAfter, ...plan.replicas.followersAfter];
				expect(new Set(after).size).toBe(after.length);
				expect(after.every((copy) => [A, ...followers, ...plan.joins].includes(copy))).toBe(true);
				expect(plan.removals.some((removed) => after.includes(removed))).toBe(false);
			}),
		);
	});
});

describe("the quiesce", () => {
	it("outlasts the guard's lifetime and the data plane's hard timeout", () => {
		expect(DATA_PLANE_TIMEOUT_SECONDS).toBe(DESCRIBED_TIMEOUT_SECONDS);
		expect(MIGRATION_SETTINGS.quiesceSeconds).toBeGreaterThan(GUARD_TTL_MS / 1000 + DESCRIBED_TIMEOUT_SECONDS);
	});
});

describe("migrationIdOf", () => {
	const name = fc.stringMatching(/^[A-Za-z0-9._~:-]{1,128}$/);

	it("is a legal execution name with room for a restart, whatever the partition", () => {
		fc.assert(
			fc.property(name, fc.integer({ min: 1, max: 2 ** 31 }), (partition, epoch) => {
				expect(migrationIdOf(partitionId(partition), epoch)).toMatch(/^[A-Za-z0-9_-]{1,72}$/);
			}),
		);
	});

	it("differs by partition and by epoch", () => {
		const ids = ["a.b", "a:b", "a-b", `${"x".repeat(60)}1`, `${"x".repeat(60)}2`].flatMap((p) =>
			[1, 2].map((e) => migrationIdOf(partitionId(p), e)),
		);
		expect(new Set(ids).size).toBe(ids.length);
		expect(migrationIdOf(partitionId("a.b"), 1)).toBe(migrationIdOf(partitionId("a.b"), 1));
	});
});

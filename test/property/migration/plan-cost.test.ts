import { describe, expect, it } from "vitest";
import { type RegionId, regionId } from "#domain/geography/region-id.ts";
import { createRttTable } from "#domain/geography/round-trip-time.ts";
import { createMigrationPlan, type PlanInput } from "#domain/migration/plan.ts";
import { estimatePlanCost } from "#domain/migration/plan-cost.ts";
import type { MigrationPlan, PlanCost } from "#domain/migration/plan-schema.ts";
import { moveActions, type PlanAction } from "#domain/migration/request.ts";
import { MIGRATION_SETTINGS } from "#domain/migration/settings.ts";
import { partitionId } from "#domain/partition/partition-id.ts";
import type { PartitionRecord } from "#domain/partition/record.ts";
import type { Health, PartitionSize, PartitionState } from "#domain/partition-state/state.ts";
import { withOverrides } from "#domain/pricing/overrides.ts";
import { PUBLISHED_PRICES } from "#domain/pricing/published-prices.ts";
import fc from "#test/__helpers__/fast-check.ts";

const [A, B, C] = ["eu-west-1", "us-east-1", "ap-northeast-1"].map(regionId) as [RegionId, RegionId, RegionId];
const rttMs = createRttTable([A, B, C]);
const distance = { controlRegion: B, rttMs };
const record = (followers: readonly RegionId[] = []): PartitionRecord => ({
	partition: partitionId("acme"),
	leader: A,
	followers,
	epoch: 1,
	phase: "active",
	buckets: 2,
	version: 1,
	createdAtMs: 0,
	updatedAtMs: 0,
	leaderSinceMs: 0,
});

function planFor(actions: readonly PlanAction[], more: Partial<PlanInput> = {}): MigrationPlan {
	const request = { actions, requestedBy: "operator" as const };
	const freeze = { global: false, regions: [] };
	const made = createMigrationPlan({
		request,
		record: record(),
		freeze,
		regions: [A, B, C],
		settings: MIGRATION_SETTINGS,
		distance,
		...more,
	});
	if (made.kind !== "planned") throw new Error(made.reason);
	return made.plan;
}

const healthy: Health = { requests: 1000, errorShare: 0, p99Ms: 40, divergences: 0 };
const state = (health: Record<string, Health>, load: Partial<PartitionState["load"]> = {}): PartitionState => ({
	partition: partitionId("acme"),
	asOfMs: 0,
	windowSeconds: 3600,
	location: { leader: A, followers: [] },
	load: { requestsPerSecond: 10, writesPerSecond: 1, bytesPerSecond: 1000, byRegion: {}, viewers: {}, ...load },
	health,
});
const size = (items: number, bytes: number): PartitionSize => ({ items, bytes, measuredAtMs: 0 });
const costOf = (plan: MigrationPlan): PlanCost => {
	if (plan.cost === undefined) throw new Error("no cost");
	return plan.cost;
};

describe("estimatePlanCost", () => {
	const items = fc.nat(1_000_000);
	const bytes = fc.nat(2 ** 31);
	const rate = fc.double({ min: 0, max: 100, noNaN: true });
	const FIGURES = ["writeUnits", "readUnits", "transferBytes", "requestUsd", "transferUsd", "usd", "pauseMs", "durationSeconds"] as const;

	it("grows with items, bytes and writes, and is never negative", () => {
		fc.assert(
			fc.property(items, bytes, rate, items, bytes, rate, (i1, b1, r1, i2, b2, r2) => {
				const cost = (i: number, b: number, r: number) =>
					costOf(planFor(moveActions(A, C), { size: size(i, b), state: state({}, { writesPerSecond: r, requestsPerSecond: 0 }) }));
				const [small, large] = [cost(i1, b1, r1), cost(i1 + i2, b1 + b2, r1 + r2)];
				for (const figure of FIGURES) {
					expect(small[figure]).toBeGreaterThanOrEqual(0);
					expect(large[figure]).toBeGreaterThanOrEqual(small[figure] * (1 - 1e-12));
				}
			}),
		);
	});

	it("counts a small move by hand", () => {
		// 1000 items of 1848 bytes and 200 of attributes: two write units each, in transactions four; 500 read units a pass
		const plan = planFor(moveActions(A, C), { size: size(1000, 1_848_000) });
		const cost = costOf(plan);
		expect(cost.basis).toBe("measured");
		expect(cost.writeUnits).toBe(2 * 2 * (1000 + 2000));
		// copy, verify both, prove both, list for deletion
		expect(cost.readUnits).toBe(6 * 500);
		// the control region is neither: four passes over the old leader, three over the target's copy (one of them writing)
		expect(cost.transferBytes).toBe(7 * 2_048_000);
		const usd = (2_048_000 / 1e9) * (4 * 0.02 + 0.02 + 2 * 0.09);
		expect(cost.transferUsd).toBeCloseTo(usd, 9);
		expect(cost.usd).toBeCloseTo(cost.requestUsd + cost.transferUsd, 12);
	});

	it("is cheaper for a standing follower than for a new copy, and pauses nobody where leadership stays", () => {
		const known = { size: size(1000, 1_000_000) };
		const standing = costOf(planFor([{ transferLeadership: C }], { ...known, record: record([C]) }));
		const move = costOf(planFor(moveActions(A, C), known));
		expect(standing.usd).toBeLessThan(move.usd);
		expect(standing.pauseMs).toBe(move.pauseMs);
		expect(costOf(planFor([{ addFollower: C }], known)).pauseMs).toBe(0);
		expect(move.pauseMs).toBeGreaterThanOrEqual(2 * rttMs(B, A) + rttMs(B, C));
	});

	it("takes other prices, and says when it knew no size", () => {
		const plan = planFor(moveActions(A, C), { size: size(10, 10_000) });
		const nothing = { writeUnit: { everywhere: 0 }, readUnit: { everywhere: 0 }, transferGb: { everywhere: 0 } };
		const free = withOverrides(PUBLISHED_PRICES, { asOf: "2026-01-01", source: "a gift", prices: nothing });
		expect(estimatePlanCost({ plan, writesPerSecond: 1, ...distance, prices: free }).usd).toBe(0);
		expect(estimatePlanCost({ plan, writesPerSecond: 1, ...distance }).usd).toBeGreaterThan(0);
		expect(costOf(planFor(moveActions(A, C)))).toMatchObject({ basis: "unknown-size", transferBytes: 0 });
	});
});

describe("defineTrafficShiftingConfig", () => {
	const trafficOf = (known: PartitionState | undefined, record_ = record(), actions = moveActions(A, C)) =>
		planFor(actions, { record: record_, ...(known === undefined ? {} : { state: known }) }).traffic;

	it("is the settings' where nothing is known, but for the way", () => {
		const { steps, abort } = trafficOf(undefined);
		expect(steps).toEqual(MIGRATION_SETTINGS.canary);
		expect(abort).toEqual({ ...MIGRATION_SETTINGS.abort, latencyAllowanceMs: 1.36 * 2 * rttMs(A, C) });
	});

	it("is never stricter than the settings, and looser only as far as the partition does badly by itself", () => {
		fc.assert(
			fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(1000), (errorShare, requests) => {
				const { abort } = trafficOf(state({ [A]: { ...healthy, requests, errorShare } }));
				expect(abort.maxErrorShare).toBeGreaterThanOrEqual(MIGRATION_SETTINGS.abort.maxErrorShare);
				expect(abort.maxErrorShare).toBeLessThanOrEqual(Math.max(MIGRATION_SETTINGS.abort.maxErrorShare, Math.min(0.5, 2 * errorShare)));
			}),
		);
		expect(trafficOf(state({ [A]: { ...healthy, errorShare: 0.05 } })).abort).toMatchObject({ maxErrorShare: 0.1, baselineP99Ms: 40 });
	});

	it("allows the detour that the viewers there are would make", () => {
		const near = trafficOf(state({}, { viewers: { [C]: 1 } })).abort.latencyAllowanceMs ?? 0;
		const far = trafficOf(state({}, { viewers: { [A]: 0.5, [C]: 0.5 } })).abort.latencyAllowanceMs ?? 0;
		expect(near).toBeCloseTo(1.36 * rttMs(A, C), 6);
		expect(far).toBeCloseTo(1.36 * (2 * rttMs(A, C) - rttMs(A, A)), 6);
	});

	it("holds a step until enough requests can have come, but not for ever", () => {
		const holdAt = (requestsPerSecond: number) => trafficOf(state({}, { requestsPerSecond })).steps.map(({ holdSeconds }) => holdSeconds);
		expect(holdAt(100)).toEqual([60, 60]);
		expect(holdAt(1)).toEqual([200, 60]);
		expect(holdAt(0.001)).toEqual([60, 60]);
		expect(holdAt(0)).toEqual([60, 60]);
	});

	it("needs no canary at a standing follower that already answers well", () => {
		const transfer = [{ transferLeadership: C }];
		expect(trafficOf(state({ [C]: healthy }), record([C]), transfer).steps).toEqual([]);
		expect(trafficOf(state({ [C]: { ...healthy, errorShare: 0.2 } }), record([C]), transfer).steps).not.toEqual([]);
		expect(trafficOf(state({ [C]: { ...healthy, requests: 3 } }), record([C]), transfer).steps).not.toEqual([]);
		expect(trafficOf(state({ [C]: healthy })).steps).not.toEqual([]);
	});
});

import { describe, expect, it } from "vitest";
import { type RegionId, regionId } from "#domain/geography/region-id.ts";
import { createRttTable } from "#domain/geography/round-trip-time.ts";
import { createMigrationPlan } from "#domain/migration/plan.ts";
import { MIGRATION_SETTINGS } from "#domain/migration/settings.ts";
import { partitionId } from "#domain/partition/partition-id.ts";
import { type PartitionRecord, Phase } from "#domain/partition/record.ts";
import { type Decision, DecisionReason, decisionSchema } from "#domain/placement/decision.ts";
import { chooseReplicas } from "#domain/placement/sets/choose-replicas.ts";
import type { ReplicaInput } from "#domain/placement/sets/replica-input.ts";
import { createSetTables } from "#domain/placement/sets/set-tables.ts";
import { PLACEMENT_SETTINGS } from "#domain/placement/settings.ts";
import { HOUR_MS, hourOf } from "#domain/prediction/hours.ts";
import fc from "#test/__helpers__/fast-check.ts";
import { weekVector } from "#test/__helpers__/week-vector.ts";

const REGIONS = ["us-west-2", "us-east-1", "eu-west-1", "ap-south-1", "ap-northeast-1"].map(regionId);
const [WEST, EAST, EUROPE, , TOKYO] = REGIONS as [RegionId, RegionId, RegionId, RegionId, RegionId];
const rttMs = createRttTable(REGIONS);
const tablesOf = createSetTables(rttMs);
const NOW_MS = Date.parse("2024-03-04T05:02:00Z");
const PARTITION = partitionId("tenants:acme");

const recordOf = (copies: readonly RegionId[], more: Partial<PartitionRecord> = {}): PartitionRecord => ({
	partition: PARTITION,
	leader: copies[0] ?? EAST,
	followers: copies.slice(1),
	epoch: 2,
	phase: Phase.Active,
	buckets: 1,
	version: 5,
	createdAtMs: 0,
	updatedAtMs: 0,
	leaderSinceMs: 0,
	...more,
});

interface Given {
	readonly copies: readonly RegionId[];
	/** Accesses of a week by region. */
	readonly week: readonly number[];
	/** Accesses an hour by region, for each of the coming hours. */
	readonly hours?: readonly (readonly number[])[];
	readonly record?: Partial<PartitionRecord>;
	readonly freeze?: readonly RegionId[];
	readonly replicas?: Partial<ReplicaInput["replicas"]>;
	readonly evidence?: number;
	readonly minZScore?: number;
}

function inputOf({ copies, week, hours, record = {}, freeze = [], replicas = {}, evidence = 500, minZScore = 1 }: Given): ReplicaInput {
	return {
		partition: PARTITION,
		decidedAtMs: NOW_MS,
		record: recordOf(copies, record),
		vectors: [weekVector(PARTITION, { madeAtMs: NOW_MS, regions: REGIONS, week, evidence })],
		outlook: hours === undefined ? undefined : { fromHour: hourOf(NOW_MS) + 1, accesses: Float32Array.from(hours.flat()) },
		regions: REGIONS,
		freeze: { global: false, regions: freeze },
		rttMs,
		settings: { ...PLACEMENT_SETTINGS, holdoutShare: 0, minZScore },
		replicas: { maxCopies: 3, readShare: 0.5, transferCostMs: 5, copyWeekMs: 20, ...replicas },
		tablesOf,
	};
}

const counts = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 400 })), { minLength: 5, maxLength: 5 });
const copies = fc.shuffledSubarray(REGIONS, { minLength: 1, maxLength: 4 });
const given: fc.Arbitrary<Given> = fc
	.record({
		copies,
		week: counts.map((all) => all.map((count) => count + 0.01)),
		hours: fc.option(fc.array(counts, { maxLength: 20 }), { nil: undefined }),
		residency: fc.option(fc.uniqueArray(fc.constantFrom(...REGIONS), { minLength: 1 }), { nil: undefined, freq: 2 }),
		pin: fc.option(fc.constantFrom(...REGIONS), { nil: undefined, freq: 3 }),
		frozen: fc.constantFrom(false, false, false, true),
		freeze: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, fc.uniqueArray(fc.constantFrom(...REGIONS), { maxLength: 2 })),
		restingHours: fc.option(fc.integer({ min: 0, max: 12 }), { nil: undefined }),
		maxCopies: fc.integer({ min: 1, max: 4 }),
		readShare: fc.constantFrom(0, 0.5, 1),
		evidence: fc.constantFrom(0, 20, 500),
	})
	.map(({ residency, pin, frozen, restingHours, maxCopies, readShare, hours, ...rest }) => ({
		...rest,
		...(hours === undefined ? {} : { hours }),
		record: {
			...(residency === undefined ? {} : { residency }),
			...(pin === undefined ? {} : { pin }),
			...(frozen ? { frozen } : {}),
			...(restingHours === undefined ? {} : { copiesSinceMs: NOW_MS - restingHours * HOUR_MS }),
		},
		replicas: { maxCopies, readShare },
	}));

const holds = (law: (given: Given, decision: Decision, input: ReplicaInput) => void): void =>
	fc.assert(
		fc.property(given, (one) => {
			const input = inputOf(one);
			const { decision, targets } = chooseReplicas(input);
			law(one, decision, input);
			if (targets.length > 0) expect(decision.verdict).toBe("move");
		}),
		{ numRuns: 300, verbose: true },
	);

describe("sets of copies", () => {
	it("are reached by actions that the migration engine accepts", () => {
		holds((_, { verdict, actions = [], chosen, target }, { record, freeze }) => {
			if (verdict !== "move" || record === undefined) return;
			const planned = createMigrationPlan({
				request: { actions, requestedBy: "placement" },
				record,
				freeze,
				regions: REGIONS,
				settings: MIGRATION_SETTINGS,
			});
			if (planned.kind === "refused") expect(planned.code).toBe("migration.frozen");
			else {
				const { leaderAfter, followersAfter } = planned.plan.replicas;
				expect(leaderAfter).toBe(target);
				expect([leaderAfter, ...followersAfter].sort()).toEqual([...(chosen ?? [])].sort());
			}
		});
	});

	it("never hold a new copy, nor a leader, where a rule forbids it, nor more copies than are allowed", () => {
		holds(({ copies: before, replicas }, { verdict, actions = [], chosen = [], target, reason }, { record, freeze }) => {
			if (verdict !== "move" || record === undefined) return;
			for (const region of chosen) expect(record.residency ?? REGIONS).toContain(region);
			for (const action of actions) if ("addFollower" in action) expect(freeze.regions).not.toContain(action.addFollower);
			if (record.pin !== undefined) expect(target).toBe(record.pin);
			if (reason !== DecisionReason.Follow) expect(chosen.length).toBeLessThanOrEqual(replicas?.maxCopies ?? 3);
			else expect([...chosen].sort()).toEqual([...before].sort());
			expect(record.frozen ?? false).toBe(false);
		});
	});

	it("rest after they have changed, while the leadership goes on following", () => {
		holds(({ record }, { verdict, reason }) => {
			if (verdict !== "move" || record?.copiesSinceMs === undefined || record.copiesSinceMs <= NOW_MS - 6 * HOUR_MS) return;
			expect([DecisionReason.Follow, DecisionReason.Residency, DecisionReason.Pin]).toContain(reason);
		});
	});

	it("are told completely, whatever was decided", () => {
		holds((_, decision) => {
			expect(decisionSchema.parse(JSON.parse(JSON.stringify(decision)))).toEqual(JSON.parse(JSON.stringify(decision)));
			expect(decision.sets?.length).toBeGreaterThan(0);
			if (decision.verdict === "move") expect(decision.actions?.length).toBeGreaterThan(0);
			else expect(decision.actions).toBeUndefined();
		});
	});
});

const zeros = (at: readonly number[], count: number): readonly number[] => REGIONS.map((_, region) => (at.includes(region) ? count : 0));

describe("by example", () => {
	it("a second copy is made where two continents read, and costs what it costs", () => {
		const week = [0.01, 200, 0.01, 0.01, 180];
		expect(chooseReplicas(inputOf({ copies: [EAST], week })).decision).toMatchObject({
			verdict: "move",
			reason: "copies",
			actions: [{ addFollower: TOKYO }],
			chosen: [EAST, TOKYO],
		});
		const dear = inputOf({ copies: [EAST], week, replicas: { copyWeekMs: 1e6 } });
		expect(chooseReplicas(dear).decision).toMatchObject({ verdict: "stay", reason: "already-best" });
		const alone = inputOf({ copies: [EAST], week, replicas: { maxCopies: 1 } });
		expect(chooseReplicas(alone).decision).toMatchObject({ verdict: "stay" });
	});

	it("the leader goes to the copy that the coming hours are nearer to, and nothing is copied", () => {
		const week = [0.01, 200, 0.01, 0.01, 180];
		const hours = Array.from({ length: 18 }, (_, hour) => zeros([hour < 9 ? 4 : 1], 10));
		expect(chooseReplicas(inputOf({ copies: [EAST, TOKYO], week, hours })).decision).toMatchObject({
			verdict: "move",
			reason: "follow",
			target: TOKYO,
			actions: [{ transferLeadership: TOKYO }],
			plan: { hours: 18, leader: TOKYO, chargeMs: 5 },
		});
		const home = hours.toReversed();
		expect(chooseReplicas(inputOf({ copies: [EAST, TOKYO], week, hours: home })).decision).toMatchObject({ verdict: "stay" });
	});

	it("no copy is made that is less certain to save than was asked for", () => {
		const week = [0.01, 200, 0.01, 0.01, 180];
		const asked = (minZScore: number) => chooseReplicas(inputOf({ copies: [EAST], week, evidence: 20, minZScore })).decision;
		expect(asked(1)).toMatchObject({ verdict: "move", reason: "copies" });
		expect(asked(10)).toMatchObject({ verdict: "stay", reason: "uncertain" });
	});

	it("a copy that few are near to is taken back", () => {
		const week = [0.01, 5, 0.01, 0.01, 0.02];
		expect(chooseReplicas(inputOf({ copies: [EAST, TOKYO], week })).decision).toMatchObject({
			verdict: "move",
			reason: "copies",
			actions: [{ removeFollower: TOKYO }],
			chosen: [EAST],
		});
	});

	it("a rule that the copies break is not weighed, and one that binds is named", () => {
		const week = [0.01, 200, 0.01, 0.01, 180];
		const record = { residency: [WEST, EAST, EUROPE] };
		expect(chooseReplicas(inputOf({ copies: [EAST, TOKYO], week, record })).decision).toMatchObject({
			verdict: "move",
			reason: "residency",
		});
		expect(chooseReplicas(inputOf({ copies: [EAST], week, record })).decision.bound).toEqual({ by: "residency", region: TOKYO });
	});
});

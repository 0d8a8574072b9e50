import { describe, expect, it } from "vitest";
import { type RegionId, regionId } from "#domain/geography/region-id.ts";
import { createRttTable } from "#domain/geography/round-trip-time.ts";
import { partitionId } from "#domain/partition/partition-id.ts";
import { type PartitionRecord, Phase } from "#domain/partition/record.ts";
import { choosePlacement, type PlacementInput } from "#domain/placement/choose-placement.ts";
import { type Decision, DecisionReason, decisionSchema } from "#domain/placement/decision.ts";
import { PLACEMENT_SETTINGS } from "#domain/placement/settings.ts";
import { HOUR_MS } from "#domain/prediction/hours.ts";
import fc from "#test/__helpers__/fast-check.ts";

const REGIONS = ["us-west-2", "us-east-1", "eu-west-1", "ap-south-1", "ap-northeast-1"].map(regionId);
const rttMs = createRttTable(REGIONS);
const NOW_MS = Date.parse("2024-03-04T05:02:00Z");
const region = fc.constantFrom(...REGIONS);
const regions = fc.uniqueArray(region, { minLength: 1 });

const shares = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 5, maxLength: 5 }).map((weights) => {
	const total = weights.reduce((sum, weight) => sum + weight + 1e-3, 0);
	return weights.map((weight) => (weight + 1e-3) / total);
});

/** Any input, mostly without constraints, often worth a move. */
const input: fc.Arbitrary<PlacementInput> = fc
	.record({
		probabilities: shares,
		short: shares,
		expectedAccesses: fc.oneof(fc.constantFrom(0, 0.3, 1, 40), fc.double({ min: 0, max: 500, noNaN: true })),
		effectiveCount: fc.oneof(fc.constantFrom(1, 40, 400), fc.double({ min: 0, max: 500, noNaN: true })),
		leader: region,
		residency: fc.option(regions, { nil: undefined, freq: 2 }),
		pin: fc.oneof(fc.constant(undefined), fc.constant(undefined), region),
		frozen: fc.constantFrom(false, false, false, true),
		phase: fc.oneof(
			{ weight: 4, arbitrary: fc.constant(Phase.Active) },
			{ weight: 1, arbitrary: fc.constantFrom(...Object.values(Phase)) },
		),
		ageHours: fc.oneof(fc.constantFrom(6, 7, 20, 1000), fc.double({ min: 0, max: 24, noNaN: true })),
		freeze: fc.record({
			global: fc.constantFrom(false, false, false, false, true),
			regions: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, regions),
		}),
	})
	.map(({ probabilities, short, expectedAccesses, effectiveCount, leader, residency, pin, frozen, phase, ageHours, freeze }) => {
		const partition = partitionId("tenants:acme");
		const vector = { partition, madeAtMs: NOW_MS, regions: REGIONS, expectedAccesses, effectiveCount };
		const record: PartitionRecord = {
			partition,
			leader,
			followers: [],
			epoch: 2,
			phase,
			buckets: 1,
			version: 5,
			createdAtMs: 0,
			updatedAtMs: 0,
			leaderSinceMs: NOW_MS - ageHours * HOUR_MS,
			...(residency === undefined ? {} : { residency }),
			...(pin === undefined ? {} : { pin }),
			...(frozen ? { frozen } : {}),
		};
		return {
			partition,
			decidedAtMs: NOW_MS,
			record,
			vectors: [
				{ ...vector, windowHours: 168, probabilities },
				{ ...vector, windowHours: 6, probabilities: short },
			],
			regions: REGIONS,
			freeze,
			rttMs,
			settings: PLACEMENT_SETTINGS,
		};
	});

const holds = (law: (input: PlacementInput, decision: Decision) => void): void =>
	fc.assert(
		fc.property(input, (given) => law(given, choosePlacement(given))),
		{ numRuns: 500, verbose: true },
	);

describe("a decision", () => {
	it("never moves into a region that residency, pin or a freeze excludes", () => {
		holds(({ record, freeze }, { verdict, target }) => {
			if (verdict !== "move" || record === undefined || target === undefined) return;
			expect(record.residency ?? REGIONS).toContain(target);
			expect([record.pin, undefined]).toContain(record.pin === undefined ? undefined : target);
			expect(freeze.regions).not.toContain(target);
			expect(target).not.toBe(record.leader);
		});
	});

	it("never moves what is frozen, under way or cooling down", () => {
		holds(({ record, freeze, settings }, { verdict }) => {
			if (verdict !== "move" || record === undefined) return;
			expect([freeze.global, record.frozen ?? false, freeze.regions.includes(record.leader)]).toEqual([false, false, false]);
			expect(record.phase).toBe(Phase.Active);
			expect(NOW_MS - record.leaderSinceMs).toBeGreaterThanOrEqual(settings.coolDownHours * HOUR_MS);
		});
	});

	it("moves for a saving only when that is large, worth its cost and certain", () => {
		holds((_, { verdict, reason, savingMs = 0, benefitMs = 0, zScore = 0, alternatives, source }) => {
			if (verdict !== "move" || reason !== DecisionReason.Saving) return;
			const costNowMs = alternatives.find((alternative) => alternative.region === source)?.costMs ?? 0;
			expect(savingMs).toBeGreaterThan(0.1 * costNowMs);
			expect(benefitMs).toBeGreaterThan(0);
			expect(zScore).toBeGreaterThan(1);
		});
	});

	it("is the same whatever the order of regions, vectors and forecast", () => {
		fc.assert(
			fc.property(input, fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 5 }), (given, order) => {
				const permute = <T>(values: readonly T[]): T[] => order.map((index) => values[index] as T);
				const vectors = [...given.vectors]
					.reverse()
					.map((vector) => ({ ...vector, regions: permute(vector.regions), probabilities: permute(vector.probabilities) }));
				expect(choosePlacement({ ...given, regions: permute(given.regions), vectors })).toEqual(choosePlacement(given));
			}),
			{ verbose: true },
		);
	});

	it("is a complete record: it survives JSON and its schema", () => {
		holds((_, decision) => {
			expect(decisionSchema.parse(JSON.parse(JSON.stringify(decision)))).toEqual(decision);
			expect(decision.alternatives).toHaveLength(REGIONS.length);
		});
	});

	it("does move: the laws above are not kept by standing still", () => {
		const verdicts = fc.sample(input, { seed: 7, numRuns: 300 }).map((given) => choosePlacement(given));
		for (const reason of [
			DecisionReason.Saving,
			DecisionReason.Residency,
			DecisionReason.Pin,
			DecisionReason.CoolDown,
			DecisionReason.Frozen,
		]) {
			expect(verdicts.filter((verdict) => verdict.reason === reason).length, reason).toBeGreaterThan(0);
		}
	});
});

describe("a decision by example", () => {
	const [west, east, tokyo] = ["us-west-2", "us-east-1", "ap-northeast-1"].map(regionId) as [RegionId, RegionId, RegionId];
	const given = (more: Partial<PlacementInput> = {}): PlacementInput => {
		const base = fc.sample(input, { seed: 1, numRuns: 1 })[0] as PlacementInput;
		const { residency: _, pin: __, frozen: ___, ...record } = base.record as PartitionRecord;
		const probabilities = [0.01, 0.01, 0.01, 0.01, 0.96];
		const vectors = [
			{ ...(base.vectors[0] as PlacementInput["vectors"][number]), probabilities, expectedAccesses: 40, effectiveCount: 50 },
		];
		return {
			...base,
			vectors,
			freeze: { global: false, regions: [] },
			record: { ...record, phase: Phase.Active, leader: east, leaderSinceMs: 0 },
			...more,
		};
	};

	it("names the constraint that bound", () => {
		const record = { ...(given().record as PartitionRecord), residency: [east, west] };
		expect(choosePlacement(given({ record }))).toMatchObject({ verdict: "move", target: west, bound: { by: "residency", region: tokyo } });
	});

	it.each<[DecisionReason, number]>([
		[DecisionReason.NotWorthMoving, 0.2],
		[DecisionReason.Saving, 0.5],
	])("weighs the saving of the window against half the cost of a move: %s", (reason, expectedAccesses) => {
		const vectors = given().vectors.map((vector) => ({ ...vector, expectedAccesses }));
		expect(choosePlacement(given({ vectors }))).toMatchObject({ reason });
	});

	it("is uncertain when little is known and the shares are mixed", () => {
		const vectors = given().vectors.map((vector) => ({
			...vector,
			probabilities: [0.01, 0.45, 0.01, 0.01, 0.52],
			effectiveCount: 1,
			expectedAccesses: 1000,
		}));
		expect(choosePlacement(given({ vectors }))).toMatchObject({ verdict: "stay" });
	});

	it("keeps the holdout group where it is, whatever that would save, but not against a rule", () => {
		const settings = { ...PLACEMENT_SETTINGS, holdoutShare: 1 };
		expect(choosePlacement(given({ settings }))).toMatchObject({ verdict: "stay", reason: "holdout", target: tokyo });
		const record = { ...(given().record as PartitionRecord), pin: tokyo };
		expect(choosePlacement(given({ settings, record }))).toMatchObject({ verdict: "move", reason: "pin" });
	});

	it("stays without a record or a forecast, saying so", () => {
		expect(choosePlacement(given({ record: undefined }))).toMatchObject({ reason: "no-record" });
		expect(choosePlacement(given({ vectors: [] }))).toMatchObject({ reason: "no-forecast", source: east });
	});
});

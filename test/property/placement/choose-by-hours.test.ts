import { describe, expect, it } from "vitest";
import { type RegionId, regionId } from "#domain/geography/region-id.ts";
import { createRttTable } from "#domain/geography/round-trip-time.ts";
import { partitionId } from "#domain/partition/partition-id.ts";
import { type PartitionRecord, Phase } from "#domain/partition/record.ts";
import { chooseByHours, type HourlyInput } from "#domain/placement/choose-by-hours.ts";
import { choosePlacement } from "#domain/placement/choose-placement.ts";
import { DecisionReason, decisionSchema } from "#domain/placement/decision.ts";
import { ONLY_COPY_RULE } from "#domain/placement/only-copy.ts";
import { PLACEMENT_SETTINGS } from "#domain/placement/settings.ts";
import { HOUR_MS, hourOf } from "#domain/prediction/hours.ts";
import fc from "#test/__helpers__/fast-check.ts";
import { weekVector } from "#test/__helpers__/week-vector.ts";

const REGIONS = ["us-west-2", "us-east-1", "eu-west-1", "ap-south-1", "ap-northeast-1"].map(regionId);
const [WEST, , EUROPE, , TOKYO] = REGIONS as [RegionId, RegionId, RegionId, RegionId, RegionId];
const rttMs = createRttTable(REGIONS);
const NOW_MS = Date.parse("2024-03-04T05:02:00Z");
const PARTITION = partitionId("tenants:acme");

interface Given {
	readonly leader: RegionId;
	/** Accesses of a week by region. */
	readonly week: readonly number[];
	/** Accesses an hour by region, for each of the coming hours. */
	readonly hours?: readonly (readonly number[])[];
	readonly record?: Partial<PartitionRecord>;
	readonly freeze?: readonly RegionId[];
	readonly evidence?: number;
	readonly holdoutShare?: number;
}

function inputOf({ leader, week, hours, record = {}, freeze = [], evidence = 500, holdoutShare = 0 }: Given): HourlyInput {
	return {
		partition: PARTITION,
		decidedAtMs: NOW_MS,
		record: {
			partition: PARTITION,
			leader,
			followers: [],
			epoch: 2,
			phase: Phase.Active,
			buckets: 1,
			version: 5,
			createdAtMs: 0,
			updatedAtMs: 0,
			leaderSinceMs: 0,
			...record,
		} as PartitionRecord,
		vectors: [weekVector(PARTITION, { madeAtMs: NOW_MS, regions: REGIONS, week, evidence })],
		outlook: hours === undefined ? undefined : { fromHour: hourOf(NOW_MS) + 1, accesses: Float32Array.from(hours.flat()) },
		regions: REGIONS,
		freeze: { global: false, regions: freeze },
		rttMs,
		settings: { ...PLACEMENT_SETTINGS, holdoutShare },
	};
}

/** Most of a week in Europe, and a day's office hours in Tokyo to come. */
const WEEK = [0, 0, 60, 0, 40];
const inTokyo = (accesses: number) => Array.from({ length: 24 }, (_, hour) => (hour < 9 ? [0, 0, 0, 0, accesses] : [0, 0, accesses, 0, 0]));
const ALONE = { targets: [] };

describe("a single copy, planned by the hour", () => {
	it("goes away for the hours that pay for both ways, and stays where they do not, though the week says that it is at its best", () => {
		const busy = chooseByHours(inputOf({ leader: EUROPE, week: WEEK, hours: inTokyo(2) }));
		expect(busy.decision).toMatchObject({ verdict: "move", reason: DecisionReason.Excursion, source: EUROPE, target: TOKYO });
		expect(busy.decision.plan).toMatchObject({ hours: 18, leader: TOKYO, chargeMs: PLACEMENT_SETTINGS.moveCostMs });
		expect(busy.decision.savingMs).toBeLessThan(0);
		expect(chooseByHours(inputOf({ leader: EUROPE, week: WEEK, hours: inTokyo(0.05) }))).toMatchObject({
			decision: { verdict: "stay", reason: DecisionReason.AlreadyBest },
			...ALONE,
		});
		expect(chooseByHours(inputOf({ leader: EUROPE, week: WEEK })).decision.verdict).toBe("stay");
	});

	it("comes back with the week, which it is sure of", () => {
		const { decision } = chooseByHours(inputOf({ leader: TOKYO, week: WEEK, hours: inTokyo(1).toReversed() }));
		expect(decision).toMatchObject({ verdict: "move", reason: DecisionReason.Saving, source: TOKYO, target: EUROPE });
		expect(decision.plan?.chargeMs).toBe(ONLY_COPY_RULE.moveShare * PLACEMENT_SETTINGS.moveCostMs);
	});

	it("asks no more of the week than the week's own rule does: what is uncertain moves for hours alone", () => {
		const unsure = { leader: WEST, week: [1, 0, 1, 0, 1.2], evidence: 0.5 };
		expect(chooseByHours(inputOf(unsure)).decision.verdict).toBe("stay");
		const { decision } = chooseByHours(inputOf({ ...unsure, hours: inTokyo(3) }));
		expect(decision).toMatchObject({ verdict: "move", reason: DecisionReason.Excursion, target: TOKYO });
	});

	it("keeps all rules of the week that do not weigh milliseconds, whatever the hours say", () => {
		const hours = inTokyo(5);
		const held = chooseByHours(inputOf({ leader: EUROPE, week: WEEK, hours, holdoutShare: 1 }));
		expect(held).toMatchObject({ decision: { verdict: "stay", reason: DecisionReason.Holdout, target: TOKYO }, ...ALONE });
		const rules: readonly [Partial<Given>, DecisionReason][] = [
			[{ record: { frozen: true } }, DecisionReason.Frozen],
			[{ record: { leaderSinceMs: NOW_MS - HOUR_MS } }, DecisionReason.CoolDown],
			[{ record: { pin: EUROPE } }, DecisionReason.Pinned],
			[{ record: { pin: WEST } }, DecisionReason.Pin],
			[{ record: { residency: [WEST] } }, DecisionReason.Residency],
		];
		for (const [more, reason] of rules) {
			const input = inputOf({ leader: EUROPE, week: WEEK, hours, ...more });
			expect(chooseByHours(input)).toEqual({ decision: choosePlacement(input), ...ALONE });
			expect(chooseByHours(input).decision.reason).toBe(reason);
		}
	});

	it("leads only where it may, names the best first, and gains by each", () => {
		const counts = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 400 })), { minLength: 5, maxLength: 5 });
		const given: fc.Arbitrary<Given> = fc
			.record({
				leader: fc.constantFrom(...REGIONS),
				week: counts,
				hours: fc.array(
					counts.map((row) => row.map((count) => count / 40)),
					{ minLength: 1, maxLength: 24 },
				),
				freeze: fc.shuffledSubarray(REGIONS, { maxLength: 3 }),
				residency: fc.shuffledSubarray(REGIONS, { minLength: 1 }),
				evidence: fc.oneof(fc.double({ min: 0, max: 5, noNaN: true }), fc.double({ min: 0, max: 500, noNaN: true })),
			})
			.filter(({ week }) => week.some((count) => count > 0))
			// a leader that may stay: what a rule demands is weighed against nothing
			.map(({ residency, freeze, ...rest }) => ({
				...rest,
				freeze: freeze.filter((region) => region !== rest.leader),
				record: { residency: [...residency, rest.leader] },
			}));
		let several = 0;
		fc.assert(
			fc.property(given, (drawn) => {
				const input = inputOf(drawn);
				const { decision, targets } = chooseByHours(input);
				if (targets.length > 1) several += 1;
				expect(decisionSchema.parse(decision)).toEqual(decision);
				if (decision.verdict === "move" && decision.reason !== DecisionReason.Residency) {
					expect(targets[0]?.target).toBe(decision.target);
					expect(decision.plan?.savingMs).toBeGreaterThan(decision.plan?.chargeMs ?? 0);
				}
				for (const [index, { target, benefitMs, zScore, reason }] of targets.entries()) {
					expect(target).not.toBe(drawn.leader);
					expect(drawn.freeze).not.toContain(target);
					expect(drawn.record?.residency).toContain(target);
					expect(benefitMs).toBeGreaterThan(0);
					expect(benefitMs).toBeLessThanOrEqual(targets[index - 1]?.benefitMs ?? Number.POSITIVE_INFINITY);
					if (reason === DecisionReason.Saving) expect(zScore).toBeGreaterThan(input.settings.minZScore);
				}
			}),
			{ numRuns: 300 },
		);
		expect(several).toBeGreaterThan(0);
	});
});

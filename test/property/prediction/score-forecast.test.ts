import { expect, test } from "vitest";
import { regionId } from "#domain/geography/region-id.ts";
import { partitionId } from "#domain/partition/partition-id.ts";
import type { HourCount } from "#domain/prediction/feature-state.ts";
import type { PredictionVector } from "#domain/prediction/prediction-vector.ts";
import { addScores, NOTHING_SCORED, scoreForecast } from "#domain/prediction/score-forecast.ts";
import fc from "#test/__helpers__/fast-check.ts";

const REGIONS = ["us-east-1", "eu-west-1", "ap-northeast-1"].map(regionId);
const HOUR = 473_000;
const vectorOf = (weights: readonly number[]): PredictionVector => {
	const sum = weights.reduce((a, b) => a + b, 0);
	return {
		partition: partitionId("acme"),
		madeAtMs: HOUR * 3_600_000 + 360_000,
		windowHours: 6,
		regions: REGIONS,
		probabilities: weights.map((weight) => weight / sum),
		expectedAccesses: 1,
		effectiveCount: 1,
	};
};
const count = (region: string, hour: number, accesses: number): HourCount => ({
	partition: "acme",
	region,
	segment: "",
	hour,
	reportHour: hour,
	count: accesses,
});
const weights = fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 3, maxLength: 3 });

test("a forecast that is right about its own uncertainty loses what it expects to, and hits as often as it says", () => {
	fc.assert(
		fc.property(weights, (some) => {
			const vector = vectorOf(some);
			// As many accesses from each region as the forecast says
			const score = scoreForecast(
				vector,
				REGIONS.map((region, index) => count(region, HOUR, some[index] ?? 0)),
			);
			expect(score.logLoss).toBeCloseTo(score.entropy, 6);
			const ties = some.filter((weight) => weight === Math.max(...some)).length;
			if (ties === 1) expect(score.hits).toBeCloseTo(score.confidence, 6);
		}),
	);
});

test("one that is surer than it may be loses more than it expects, and hits less often", () => {
	const sure = scoreForecast(vectorOf([98, 1, 1]), [count("us-east-1", HOUR, 50), count("eu-west-1", HOUR + 5, 50)]);
	expect(sure.accesses).toBe(100);
	expect(sure.logLoss).toBeGreaterThan(5 * sure.entropy);
	expect([sure.hits, sure.confidence]).toEqual([50, 98]);
});

test("hours outside the window say nothing, and a region that the forecast does not know is as unlikely as can be", () => {
	const vector = vectorOf([1, 1, 1]);
	expect(scoreForecast(vector, [count("us-east-1", HOUR - 1, 9), count("us-east-1", HOUR + 6, 9)])).toEqual(NOTHING_SCORED);
	expect(scoreForecast(vector, [count("sa-east-1", HOUR, 1)]).logLoss).toBeCloseTo(-Math.log(1e-4), 9);
});

test("scores of parts add up to the score of all", () => {
	const vector = vectorOf([5, 3, 2]);
	const [a, b] = [[count("us-east-1", HOUR, 3)], [count("eu-west-1", HOUR + 1, 4), count("ap-northeast-1", HOUR + 2, 1)]];
	const all = scoreForecast(vector, [...a, ...b]);
	const sum = addScores(scoreForecast(vector, a), scoreForecast(vector, b));
	for (const key of Object.keys(all) as (keyof typeof all)[]) expect(sum[key]).toBeCloseTo(all[key], 9);
});

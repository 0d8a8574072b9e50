import { expect, it } from "vitest";
import { refine, refineOutlook } from "#adapters/sagemaker/chronos/refine.ts";
import { isSensible } from "#adapters/sagemaker/chronos/wire.ts";
import { partitionId } from "#domain/partition/partition-id.ts";
import { type PredictionVector, predictionVectorSchema } from "#domain/prediction/prediction-vector.ts";
import { jointOf } from "#predictor/models/joint.ts";
import fc from "#test/__helpers__/fast-check.ts";
import { floored, REGIONS } from "#test/property/prediction/arbitraries.ts";

const WINDOW_HOURS = 6;
const LENGTH = 8;

const value = fc.oneof(
	fc.double({ min: -1e12, max: 1e12, noNaN: true }),
	fc.double({ min: -1, max: 50, noNaN: true }),
	fc.constantFrom(0, 1e12, -1e12, 5e-324),
);
const values = fc.array(value, { minLength: LENGTH, maxLength: LENGTH });
const prediction = fc.tuple(values, values, values).map(([mean, one, other]) => ({
	mean,
	"0.1": one.map((low, hour) => Math.min(low, other[hour] ?? 0)),
	"0.9": one.map((low, hour) => Math.max(low, other[hour] ?? 0)),
}));
const weights = fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: REGIONS.length, maxLength: REGIONS.length });

it("a pool's vector with sensible predictions in it is a vector", () => {
	fc.assert(
		fc.property(
			weights,
			weights,
			weights,
			fc.array(prediction, { minLength: 1, maxLength: REGIONS.length }),
			(shares, a, b, predictions) => {
				expect(predictions.every((one) => isSensible(one, LENGTH))).toBe(true);
				const probabilities = floored(shares);
				const vector: PredictionVector = {
					...{ partition: partitionId("p"), madeAtMs: 0, windowHours: WINDOW_HOURS, regions: REGIONS, probabilities },
					...{ expectedAccesses: 1, effectiveCount: 1, joint: jointOf(probabilities, { a, b }, shares) },
				};
				const refined = refine(vector, new Map(predictions.map((one, index) => [REGIONS[index] as string, one])));
				expect(predictionVectorSchema.safeParse(refined).error).toBeUndefined();
			},
		),
	);
});

it("an outlook holds as many accesses as the endpoint expects, near its hours and regions the more there are", () => {
	const hours = 7;
	const counts = fc.array(fc.double({ min: 0, max: 50, noNaN: true }), { minLength: LENGTH, maxLength: LENGTH });
	const pools = fc.array(fc.double({ min: 0, max: 9, noNaN: true }), {
		minLength: hours * REGIONS.length,
		maxLength: hours * REGIONS.length,
	});
	fc.assert(
		fc.property(pools, fc.array(counts, { minLength: 1, maxLength: REGIONS.length }), (pool, means) => {
			const outlook = { fromHour: 10, accesses: Float32Array.from(pool) };
			fc.pre(outlook.accesses.some((value) => value > 1e-6));
			const byRegion = new Map(means.map((mean, index) => [REGIONS[index] as string, { mean, "0.1": mean, "0.9": mean }]));
			const { fromHour, accesses } = refineOutlook(outlook, REGIONS, byRegion);
			const total = means.reduce((sum, mean) => sum + mean.slice(1).reduce((all, value) => all + value, 0), 0);
			expect(fromHour).toBe(10);
			expect(accesses.reduce((sum, value) => sum + value, 0)).toBeCloseTo(total, 2);
			// the pool weighs as much as one access of them all
			accesses.forEach((value, at) => {
				const mean = means[at % REGIONS.length]?.[1 + Math.floor(at / REGIONS.length)] ?? 0;
				expect(Math.abs(value - mean)).toBeLessThan(1.01);
			});
		}),
	);
});

it("an outlook stays the pool's where the endpoint was asked for fewer hours", () => {
	const outlook = { fromHour: 0, accesses: new Float32Array(LENGTH * REGIONS.length).fill(1) };
	const mean = Array.from({ length: LENGTH }, () => 5);
	expect(refineOutlook(outlook, REGIONS, new Map([[REGIONS[0] as string, { mean, "0.1": mean, "0.9": mean }]]))).toBe(outlook);
});

it("an outlook in which the pool expects nobody is the endpoint's", () => {
	const mean = [9, 5, 5];
	const outlook = { fromHour: 0, accesses: new Float32Array(2 * REGIONS.length) };
	const { accesses } = refineOutlook(outlook, REGIONS, new Map([[REGIONS[0] as string, { mean, "0.1": mean, "0.9": mean }]]));
	expect(accesses.every((value) => Number.isFinite(value))).toBe(true);
	expect(accesses[0]).toBeGreaterThan(4);
});

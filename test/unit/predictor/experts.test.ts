import { describe, expect, it } from "vitest";
import { partitionId } from "#domain/partition/partition-id.ts";
import type { GlobalFeatures, PartitionFeatures } from "#domain/prediction/forecast-request.ts";
import { DEFAULT_ARTEFACT } from "#predictor/models/default-artefact.ts";
import { floored } from "#predictor/models/distribution.ts";
import { createEwma } from "#predictor/models/ewma.ts";
import { expectedAccesses } from "#predictor/models/expected-accesses.ts";
import { EXPERTS, expertForecasts } from "#predictor/models/experts.ts";
import { createPool, linearPool, logarithmicPool } from "#predictor/models/pool.ts";

const global: GlobalFeatures = { g1d: [5, 0], g14d: [5, 0], g365d: [8, 0], activity: { 6: [0.5, 2] } };
const features: PartitionFeatures = {
	partition: partitionId("p"),
	e1d: [0, 1],
	e14d: [1, 1],
	e60d: [1, 3],
	e365d: [2, 4],
	recent: [0, 0.5],
	a14d: [3, 3],
	a365d: [6, 0],
	ageHours: 10_000,
};
// by hand: g1y = [9/10, 1/10]; g14 = ([5,0] + 5 g1y)/10 = [.95, .05]; par1y = ([6,0] + 3 g14)/9 = [8.85/9, .15/9]
const PAR1Y = [8.85 / 9, 0.15 / 9] as const;

describe("the experts", () => {
	const byName = Object.fromEntries(expertForecasts(features, global, 6).map((forecast, index) => [EXPERTS[index], forecast]));

	it.each([
		["g1d", [(5 + 5 * 0.95) / 10, (5 * 0.05) / 10]],
		["par14d", [(3 + 3 * PAR1Y[0]) / 9, (3 + 3 * PAR1Y[1]) / 9]],
		["own1d", [PAR1Y[0] / 2, (1 + PAR1Y[1]) / 2]],
		["own14d", [(1 + PAR1Y[0]) / 3, (1 + PAR1Y[1]) / 3]],
		["own365d", [(2 + PAR1Y[0]) / 7, (4 + PAR1Y[1]) / 7]],
		["recent", [PAR1Y[0] / 2, (0.5 + 0.5 * PAR1Y[1]) / 1]],
	])("%s is what its formula says", (name, expected) => {
		expect(byName[name]).toHaveLength(2);
		expected.forEach((value, index) => {
			expect(byName[name]?.[index]).toBeCloseTo(value, 12);
		});
	});

	it("tilt weighs the 60 day shares with the activity of the window", () => {
		const own = [(1 + PAR1Y[0]) / 5, (3 + PAR1Y[1]) / 5] as const;
		const tilted = [own[0] * 0.5, own[1] * 2] as const;
		expect(byName["tilt"]?.[0]).toBeCloseTo(tilted[0] / (tilted[0] + tilted[1]), 12);
	});
});

describe("the pool", () => {
	it("mixes linearly and logarithmically as its formulas say", () => {
		const forecasts = [
			[0.9, 0.1],
			[0.5, 0.5],
		];
		expect(linearPool(forecasts, [0.25, 0.75])[0]).toBeCloseTo(0.6, 12);
		// softmax(2 ln .9 + ln .5, 2 ln .1 + ln .5) = .81 / (.81 + .01)
		expect(logarithmicPool(forecasts, [2, 1])[0]).toBeCloseTo(0.81 / 0.82, 12);
	});

	it("gives every region at least 1e-4, and one in all", () => {
		const certain: PartitionFeatures = { ...features, e1d: [1e6, 0], e14d: [1e6, 0], e60d: [1e6, 0], e365d: [1e6, 0], recent: [7, 0] };
		const forecast = createPool(DEFAULT_ARTEFACT).predict(certain, global, 6);
		expect(Math.min(...forecast)).toBeGreaterThanOrEqual(1e-4);
		expect(forecast.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 12);
		expect(forecast[0]).toBeGreaterThan(0.99);
	});

	it("has no weights for other windows than those it was trained for", () => {
		expect(() => createPool(DEFAULT_ARTEFACT).predict(features, global, 24)).toThrow(RangeError);
	});
});

it("ewma is the partition's own decayed share, drawn towards its parent's", () => {
	const forecast = createEwma({ model: "ewma", version: 1, halfLife: "14d" }).predict(features, global, 6);
	expect(forecast).toEqual(floored([(1 + PAR1Y[0]) / 3, (1 + PAR1Y[1]) / 3]));
});

describe("expected accesses", () => {
	/** Decayed count of one access an hour over `ageHours`. */
	const steady = (ageHours: number, halfLife: number): number =>
		Array.from({ length: ageHours }, (_, hour) => 2 ** (-hour / halfLife)).reduce((sum, value) => sum + value, 0);

	it.each([48, 500, 5000])("of a steady partition that is %i hours old are its rate times the window", (ageHours) => {
		const partition = { ...features, ageHours, e1d: [steady(ageHours, 24), 0], e14d: [0, steady(ageHours, 336)] };
		expect(expectedAccesses(partition, 168) / 168).toBeCloseTo(1, 1);
		expect(expectedAccesses(partition, 6) / 6).toBeCloseTo(1, 1);
	});

	it("are none without history", () => {
		expect(expectedAccesses({ ...features, e1d: [0, 0], e14d: [0, 0], ageHours: 1 }, 168)).toBe(0);
	});
});

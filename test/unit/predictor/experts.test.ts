import { describe, expect, it } from "vitest";
import { FeatureColumns } from "#predictor/features/feature-columns.ts";
import { DEFAULT_ARTEFACT } from "#predictor/models/default-artefact.ts";
import { EXPERTS, ExpertColumns } from "#predictor/models/expert-columns.ts";
import { createEwma } from "#predictor/models/one-expert.ts";
import { createPool } from "#predictor/models/pool.ts";
import { expectedVolume, steadyVolume, VOLUME_FEATURES, volumeFeatures } from "#predictor/models/volume.ts";

const HOUR = 400_008;

/** Columns of three partitions after accesses of one hour: `[partition, region, count]`, in order. */
function columnsAfter(cells: readonly (readonly [number, number, number])[], names = ["a:p", "a:q", "r"]): FeatureColumns {
	const columns = new FeatureColumns(names, ["ap-south-1", "ap-northeast-1"]);
	const arrays = {
		partition: Int32Array.from(cells, ([partition]) => partition),
		region: Uint8Array.from(cells, ([, region]) => region),
		count: Float64Array.from(cells, ([, , count]) => count),
	};
	columns.take(arrays, 0, cells.length, HOUR);
	return columns;
}

// nothing has decayed at the beginning of the hour itself: E = [0, 1], A (a:p and a:q) = [3, 1], G = [8, 1]
const columns = columnsAfter([
	[0, 1, 1],
	[1, 0, 3],
	[2, 0, 5],
]);
const experts = new ExpertColumns(columns);
experts.begin(HOUR);
experts.select(0);
experts.tilt(HOUR + 1, 6);
const row = (name: (typeof EXPERTS)[number]): number[] => {
	const at = 2 * EXPERTS.indexOf(name);
	return [...experts.forecasts.subarray(at, at + 2)];
};

describe("the experts", () => {
	// g1y = [9/11, 2/11]; g14 = ([8,1] + 5 g1y)/14; par1y = ([3,1] + 3 g14)/7
	const g14 = (8 + (5 * 9) / 11) / 14;
	const par1y = (3 + 3 * g14) / 7;
	it.each([
		["g1d", (8 + 5 * g14) / 14],
		["par14d", (3 + 3 * par1y) / 7],
		["own1d", par1y / 2],
		["own14d", par1y / 2],
		["own365d", par1y / 2],
		["recent", (0.5 * par1y) / 1.5],
	] as const)("%s is what its formula says", (name, first) => {
		expect(row(name)).toEqual([expect.closeTo(first, 12), expect.closeTo(1 - first, 12)]);
	});

	it("whose hours of the day are unknown say what the 60 days say", () => {
		// no day is over: every region is as active as usual
		for (const name of ["tilt", "activity"] as const) expect(row(name)[0]).toBeCloseTo(name === "tilt" ? par1y / 2 : 0.5, 9);
	});

	it("own hours look at the hours of the day forecast, and half at those beside them", () => {
		experts.tilt(HOUR + 24, 1);
		const inside = row("ownHours")[1] ?? 0;
		experts.tilt(HOUR + 23, 1);
		const beside = row("ownHours")[1] ?? 0;
		experts.tilt(HOUR + 12, 1);
		const elsewhere = row("ownHours")[1] ?? 0;
		expect(inside).toBeGreaterThan(beside);
		expect(beside).toBeGreaterThan(elsewhere);
	});

	it("of a partition without a parent by name have everybody for a parent, or its segment", () => {
		experts.select(2);
		const g = (8 + 3 * g14) / 12;
		expect(row("par14d")[0]).toBeCloseTo((8 + 3 * g) / 12, 12);
	});
});

describe("the pool", () => {
	const pool = createPool(DEFAULT_ARTEFACT);

	it("gives every region at least 1e-4, and one in all, however certain", () => {
		const certain = new ExpertColumns(columnsAfter([[0, 0, 1e6]]));
		certain.begin(HOUR);
		certain.select(0);
		certain.tilt(HOUR + 1, 6);
		const forecast = new Float64Array(2);
		pool.mix(certain, 6, forecast);
		expect(Math.min(...forecast)).toBeGreaterThanOrEqual(1e-4);
		expect((forecast[0] ?? 0) + (forecast[1] ?? 0)).toBeCloseTo(1, 12);
		expect(forecast[0]).toBeGreaterThan(0.99);
	});

	it("has no weights for other windows than those it was trained for", () => {
		expect(() => pool.mix(experts, 25, new Float64Array(2))).toThrow(RangeError);
	});

	it("forecasts hours one by one as it forecasts windows of an hour", () => {
		experts.select(0);
		const [one, many] = [new Float64Array(2), new Float64Array(2)];
		const seen: number[] = [];
		pool.mixHours(experts, 6, HOUR + 1, 24, many, () => seen.push(many[0] ?? 0));
		const expected = Array.from({ length: 24 }, (_, hour) => {
			experts.tilt(HOUR + 1 + hour, 1);
			pool.mix(experts, 6, one);
			return expect.closeTo(one[0] ?? 0, 12);
		});
		expect(seen).toEqual(expected);
	});
});

it("ewma is the partition's own decayed share, drawn towards its parent's, above the floor", () => {
	experts.select(0);
	const forecast = new Float64Array(2);
	createEwma({ model: "ewma", version: 1, halfLife: "14d" }).mix(experts, 6, forecast);
	expect(forecast[0]).toBeCloseTo(1e-4 + (1 - 2e-4) * (row("own14d")[0] ?? 0), 12);
});

it("a steady partition is expected to go on, before anything was learnt", () => {
	const steady = (halfLife: number): number => halfLife / Math.LN2;
	const amounts = { n1d: steady(24), n14d: steady(14 * 24), n60d: steady(60 * 24), n365d: steady(365 * 24), ageHours: 1 };
	const features = new Float64Array(VOLUME_FEATURES);
	volumeFeatures(amounts, 1, features);
	expect(expectedVolume(steadyVolume(168).weights, features) / 168).toBeCloseTo(1, 2);
});

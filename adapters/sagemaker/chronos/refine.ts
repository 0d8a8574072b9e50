import type { ChronosPrediction } from "#adapters/sagemaker/chronos/wire.ts";
import type { RegionId } from "#domain/geography/region-id.ts";
import type { HourlyOutlook } from "#domain/prediction/outlook.ts";
import type { PredictionVector } from "#domain/prediction/prediction-vector.ts";
import { LEAD_HOURS } from "#domain/prediction/settings.ts";

/** The pool's forecast weighs as much as one expected access: partitions that hardly anybody will use stay with it. */
const POOL_WEIGHT = 1;
const FLOOR = 1e-4;
/** Between the 10 % and the 90 % quantile of a normal distribution lie so many standard deviations. */
const DEVIATIONS_IN_INTERVAL = 2.5631;
/** The 90 % quantile of the standard normal distribution. */
const Z90 = 1.2816;

/**
 * The pool's vector with the endpoint's hours in it. A region's accesses are the sum of its hourly means, regions without a series
 * expect none; shares are drawn towards the pool's. The interval takes the errors of hours and regions for independent.
 *
 * @param byRegion predictions by region code from the hour of the forecast on, until the end of the vector's window at least
 */
export function refine(vector: PredictionVector, byRegion: ReadonlyMap<string, ChronosPrediction>): PredictionVector {
	const expected = vector.regions.map((region) => sumOf(byRegion.get(region)?.mean, vector.windowHours));
	const total = expected.reduce((sum, value) => sum + value, 0);
	const probabilities = withFloor(
		vector.probabilities.map((pool, index) => ((expected[index] ?? 0) + POOL_WEIGHT * pool) / (total + POOL_WEIGHT)),
	);
	const variance = [...byRegion.values()].reduce((sum, prediction) => sum + varianceOf(prediction, vector.windowHours), 0);
	const spread = Z90 * Math.sqrt(variance);
	const { confidence: _, ...rest } = vector;
	return {
		...rest,
		probabilities,
		...(vector.joint === undefined ? {} : { joint: jointWith(vector.joint, vector.probabilities, probabilities) }),
		expectedAccesses: total,
		accessesInterval: [Math.max(0, total - spread), total + spread],
	};
}

/**
 * The pool's outlook with the endpoint's hours in it, drawn towards the pool's as the vectors are. Left as it is where the endpoint was not asked for all its hours.
 *
 * @param regions in the order of the outlook's numbers
 */
export function refineOutlook(
	outlook: HourlyOutlook,
	regions: readonly RegionId[],
	byRegion: ReadonlyMap<string, ChronosPrediction>,
): HourlyOutlook {
	const hours = outlook.accesses.length / regions.length;
	if ([...byRegion.values()].some(({ mean }) => mean.length < LEAD_HOURS + hours)) return outlook;
	const pool = outlook.accesses.reduce((sum, value) => sum + value, 0);
	const total = regions.reduce((sum, region) => sum + sumOf(byRegion.get(region)?.mean, hours), 0);
	const drawn = pool > 0 ? POOL_WEIGHT / pool : 0;
	const accesses = outlook.accesses.map((value, at) => {
		const mean = byRegion.get(regions[at % regions.length] ?? "")?.mean[LEAD_HOURS + Math.floor(at / regions.length)] ?? 0;
		return ((Math.max(0, mean) + value * drawn) * total) / (total + POOL_WEIGHT);
	});
	return { ...outlook, accesses };
}

const sumOf = (hourly: readonly number[] | undefined, hours: number): number =>
	(hourly ?? []).slice(LEAD_HOURS, LEAD_HOURS + hours).reduce((sum, value) => sum + Math.max(0, value), 0);

const varianceOf = (prediction: ChronosPrediction, hours: number): number =>
	prediction["0.9"].slice(LEAD_HOURS, LEAD_HOURS + hours).reduce((sum, high, hour) => {
		const deviation = Math.max(0, high - Math.max(0, prediction["0.1"][LEAD_HOURS + hour] ?? 0)) / DEVIATIONS_IN_INTERVAL;
		return sum + deviation ** 2;
	}, 0);

function withFloor(distribution: readonly number[]): number[] {
	const left = 1 - distribution.length * FLOOR;
	return distribution.map((p) => FLOOR + left * p);
}

/** The segments' shares inside a region stay, the regions' change. */
const jointWith = (
	joint: Readonly<Record<string, readonly number[]>>,
	before: readonly number[],
	after: readonly number[],
): Record<string, number[]> =>
	Object.fromEntries(
		Object.entries(joint).map(([segment, row]) => [segment, row.map((p, index) => (p / (before[index] ?? 1)) * (after[index] ?? 0))]),
	);

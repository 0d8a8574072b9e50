import type { RegionId } from "#domain/geography/region-id.ts";
import type { HourlyOutlook } from "#domain/prediction/outlook.ts";
import type { PredictionVector } from "#domain/prediction/prediction-vector.ts";

/** Hours that a leader is planned ahead. */
const PLAN_HOURS = 18;
/** The longest window that is taken for the hours ahead where there is no outlook by the hour. */
const SHORT_HOURS = 12;

/** Accesses expected in each of the coming hours. */
export interface HourlyAccesses {
	readonly hours: number;
	/** Hour after hour, `regions` numbers each, in the order of the regions asked for. */
	readonly accesses: Float64Array;
}

/**
 * What is expected from `hour` on: the stored outlook, as far as it still reaches; without one, the shortest window in equal parts, if that is short;
 * else nothing, and only what is expected of the week counts.
 */
export function hoursAhead(
	outlook: HourlyOutlook | undefined,
	vectors: readonly PredictionVector[],
	regions: readonly RegionId[],
	hour: number,
): HourlyAccesses {
	const shortest = vectors.reduce<PredictionVector | undefined>(
		(least, vector) => (least === undefined || vector.windowHours < least.windowHours ? vector : least),
		undefined,
	);
	if (shortest === undefined) return NOTHING;
	const columns = regions.map((region) => shortest.regions.indexOf(region));
	if (outlook !== undefined) return fromOutlook(outlook, columns, shortest.regions.length, hour);
	if (shortest.windowHours > SHORT_HOURS) return NOTHING;
	const { windowHours, expectedAccesses, probabilities } = shortest;
	const hourly = columns.map((column) => ((probabilities[column] ?? 0) * expectedAccesses) / windowHours);
	return { hours: windowHours, accesses: Float64Array.from(Array.from({ length: windowHours }, () => hourly).flat()) };
}

const NOTHING: HourlyAccesses = { hours: 0, accesses: new Float64Array(0) };

function fromOutlook(outlook: HourlyOutlook, columns: readonly number[], width: number, hour: number): HourlyAccesses {
	const first = Math.max(0, hour - outlook.fromHour);
	const hours = Math.max(0, Math.min(PLAN_HOURS, Math.floor(outlook.accesses.length / width) - first));
	const accesses = new Float64Array(hours * columns.length);
	for (let step = 0; step < hours; step += 1) {
		columns.forEach((column, at) => {
			if (column >= 0) accesses[step * columns.length + at] = outlook.accesses[(first + step) * width + column] ?? 0;
		});
	}
	return { hours, accesses };
}

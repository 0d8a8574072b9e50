import type { Probe } from "#domain/prediction/calibration.ts";
import { isOwnForecast } from "#domain/prediction/external/holiday-effect.ts";
import type { HourCount } from "#domain/prediction/feature-state.ts";
import { hourOf } from "#domain/prediction/hours.ts";
import type { PredictionVector } from "#domain/prediction/prediction-vector.ts";
import { LEAD_HOURS } from "#domain/prediction/settings.ts";

/** Probes after some more counts, those of windows that have passed apart. */
export interface ProbeRound {
	readonly open: readonly Probe[];
	/** Windows without an access are among them: they say how many came, not from where. */
	readonly closed: readonly Probe[];
}

/**
 * Holds forecasts against counts.
 *
 * @param fresh counts of the partition that were not seen before
 * @param regions that are forecast; accesses from elsewhere are none of the forecast's
 * @param throughHour counts up to this hour are in
 */
export function watchProbes(
	probes: readonly Probe[],
	fresh: readonly HourCount[],
	regions: readonly string[],
	throughHour: number,
): ProbeRound {
	const watched = probes.map((probe) => {
		const inside = fresh.filter(
			({ hour, region }) => hour >= probe.fromHour && hour < probe.fromHour + probe.windowHours && regions.includes(region),
		);
		const sum = (counts: readonly HourCount[]): number => counts.reduce((total, { count }) => total + count, 0);
		return {
			...probe,
			accesses: probe.accesses + sum(inside),
			hits: probe.hits + sum(inside.filter(({ region }) => region === probe.region)),
		};
	});
	const hasPassed = ({ fromHour, windowHours }: Probe): boolean => fromHour + windowHours <= throughHour + 1;
	return {
		open: watched.filter((probe) => !hasPassed(probe)),
		closed: watched.filter((probe) => hasPassed(probe)),
	};
}

/** A new probe for every window length that has none. Forecasts that events have tilted and those of an endpoint are not the model's own. */
export function openProbes(open: readonly Probe[], vectors: readonly PredictionVector[]): readonly Probe[] {
	const watched = new Set(open.map(({ windowHours }) => windowHours));
	const fresh = vectors.flatMap(({ windowHours, madeAtMs, confidence, tilts, regions, probabilities, expectedAccesses }) => {
		const region = regions[probabilities.indexOf(Math.max(...probabilities))];
		if (watched.has(windowHours) || confidence === undefined || !isOwnForecast(tilts) || region === undefined) return [];
		return [{ windowHours, fromHour: hourOf(madeAtMs) + LEAD_HOURS, region, confidence, expected: expectedAccesses, accesses: 0, hits: 0 }];
	});
	return [...open, ...fresh];
}

import type { GlobalState } from "#domain/prediction/feature-state.ts";
import { HOURS_PER_WEEK } from "#predictor/features/shared-state.ts";

/** Weights of the smoothing of the hour-of-week profile, from the forecasting evidence: own bin, neighbours, prior of so many accesses. */
const OWN = 0.5;
const NEIGHBOUR = 0.25;
const PRIOR = 20;
/** Accesses, one an hour of the day, that keep the hour-of-day profile of an unknown region flat. */
const FLAT_PRIOR = 24;
const HOURS_PER_DAY = 24;

/**
 * How active a region is in the hours `fromHour` until `fromHour + windowHours` against its own average: 1 is as usual.
 * 168 times the mean over the window's hours of the smoothed share of the region's accesses that falls into that hour of the week.
 */
export function activityOf(state: GlobalState | undefined, region: string, fromHour: number, windowHours: number): number {
	const share = weekShare(state?.hourOfWeek[region] ?? []);
	let sum = 0;
	for (let hour = fromHour; hour < fromHour + windowHours; hour += 1) sum += share(hour % HOURS_PER_WEEK);
	return (HOURS_PER_WEEK * sum) / windowHours;
}

/** The share of a region's accesses in an hour of the week: its bin and its neighbours', drawn towards its hour-of-day profile. */
function weekShare(bins: readonly number[]): (hourOfWeek: number) => number {
	const at = (hour: number): number => bins[(hour + HOURS_PER_WEEK) % HOURS_PER_WEEK] ?? 0;
	const total = bins.reduce((sum, value) => sum + value, 0);
	const day = dayProfile(bins, total);
	return (hour) => {
		const smoothed = OWN * at(hour) + NEIGHBOUR * (at(hour - 1) + at(hour + 1));
		return (smoothed + (PRIOR * (day[hour % HOURS_PER_DAY] ?? 0)) / (HOURS_PER_WEEK / HOURS_PER_DAY)) / (total + PRIOR);
	};
}

/** The share of accesses by hour of the day, sum 1. */
function dayProfile(bins: readonly number[], total: number): readonly number[] {
	const hours = Array<number>(HOURS_PER_DAY).fill(FLAT_PRIOR / HOURS_PER_DAY);
	bins.forEach((value, index) => {
		hours[index % HOURS_PER_DAY] = (hours[index % HOURS_PER_DAY] ?? 0) + value;
	});
	return hours.map((value) => value / (total + FLAT_PRIOR));
}

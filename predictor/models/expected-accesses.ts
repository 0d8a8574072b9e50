import type { PartitionFeatures } from "#domain/prediction/forecast-request.ts";
import { sum } from "#predictor/models/distribution.ts";

const HOURS_1D = 24;
const HOURS_14D = 14 * 24;
/** Younger partitions are taken to be this old, so that a first burst is not taken for a rate. */
const LEAST_AGE_HOURS = 24;
/** Windows up to this long look at the last day as well. */
const SHORT_WINDOW_HOURS = 24;

/**
 * Accesses expected in the next `windowHours`: the rate behind the decayed counts, held constant. A steady rate r gives a count of
 * `r x halfLife / ln 2 x (1 - 2^(-age / halfLife))`, solved for r at the 14 day half-life; short windows take the mean with 1 day.
 */
export function expectedAccesses(features: PartitionFeatures, windowHours: number): number {
	const slow = hourlyRate(sum(features.e14d), HOURS_14D, features.ageHours);
	if (windowHours > SHORT_WINDOW_HOURS) return slow * windowHours;
	const fast = hourlyRate(sum(features.e1d), HOURS_1D, features.ageHours);
	return ((slow + fast) / 2) * windowHours;
}

function hourlyRate(count: number, halfLifeHours: number, ageHours: number): number {
	const age = Math.max(ageHours, LEAST_AGE_HOURS);
	return (count * Math.LN2) / halfLifeHours / (1 - 2 ** (-age / halfLifeHours));
}

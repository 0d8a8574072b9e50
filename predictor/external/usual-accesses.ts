import { GLOBAL_HALF_LIVES_HOURS } from "#domain/prediction/settings.ts";
import type { GlobalColumns } from "#predictor/features/shared-columns.ts";

/** The half-life of two weeks: what is usual is what has been usual of late. */
const USUAL = 1;
const YEAR = 2;
/** The memory of a year is so many times that of two weeks once steady accesses have filled the latter, after some three months. */
const FILLED = 4;

/**
 * Accesses of a region that are usual in an hour: its steady rate, as active as it is at that hour of the week. Undefined while the memory of
 * two weeks is filling: its rates would be too low, and every holiday a rush.
 *
 * @param columns what was remembered before the hour, with the profile of the week refreshed
 * @param scratch one number a region
 */
export function usualAccesses({ counts, week }: GlobalColumns, region: number, hour: number, scratch: Float64Array): number | undefined {
	counts.read(0, YEAR, hour, scratch);
	const ofYear = scratch[region] ?? 0;
	counts.read(0, USUAL, hour, scratch);
	const count = scratch[region] ?? 0;
	if (ofYear < FILLED * count) return undefined;
	return ((count * Math.LN2) / GLOBAL_HALF_LIVES_HOURS[USUAL]) * week.activity(region, hour, 1);
}

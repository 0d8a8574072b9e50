import { HOURS_PER_DAY } from "#domain/prediction/hours.ts";
import { NO_SEGMENT } from "#domain/prediction/prediction-vector.ts";
import { LEAD_HOURS, SEGMENT_HALF_LIFE_HOURS } from "#domain/prediction/settings.ts";
import type { SegmentCounts } from "#predictor/features/segment-columns.ts";
import { normalise, shrink, sum } from "#predictor/models/distribution.ts";
import type { ExpertColumns } from "#predictor/models/expert-columns.ts";

/** A segment's own accesses weigh against the partition's forecast as if that were one access. */
const SEGMENT_PRIOR = 1;
/** Accesses of an unknown segment that every partition is taken to have, so that one segment alone never is certain. */
const REST_PRIOR = 0.5;
/** Accesses, spread over the day, that a segment's hours start from, as a partition's own do; and how much the hours beside a window count. */
const HOURS_PRIOR = 2;
const SKIRT_WEIGHT = 0.5;
/** Steps of the fit; each brings the segments' shares closer to the counted ones, the regions' are exact after any. */
const FIT_STEPS = 20;

/**
 * P(region, segment): of all joint distributions whose regions sum to the forecast, near the one with the counted shares of
 * segments in the hours that are forecast and each segment's own regions. Iterative proportional fitting, ended by regions, so that the sum over segments gives
 * the forecast of every region.
 *
 * @param probabilities P(region), sum 1
 * @param segments segment -> decayed counts by region
 * @param own decayed counts of the whole partition at the same half-life; what no segment explains is the rest (`NO_SEGMENT`)
 * @param activity how active each segment is in the hours that are forecast, 1: as usual @default all as usual
 * @see W. E. Deming, F. F. Stephan, On a least squares adjustment of a sampled frequency table (1940)
 */
export function jointOf(
	probabilities: readonly number[],
	segments: Readonly<Record<string, readonly number[]>>,
	own: readonly number[],
	activity: Readonly<Record<string, number>> = {},
): Record<string, number[]> {
	const names = Object.keys(segments).filter((name) => name !== NO_SEGMENT);
	const rest = own.map((count, region) => Math.max(0, count - names.reduce((total, name) => total + (segments[name]?.[region] ?? 0), 0)));
	const counted = [...names.map((name) => segments[name] ?? []), rest];
	const shares = normalise(
		counted.map((counts, index) => (sum(counts) + (index === names.length ? REST_PRIOR : 0)) * (activity[names[index] ?? NO_SEGMENT] ?? 1)),
	);
	let joint = counted.map((counts, index) => shrink(counts, probabilities, SEGMENT_PRIOR).map((p) => p * (shares[index] ?? 0)));
	for (let step = 0; step < FIT_STEPS; step += 1) joint = fitRegions(fitSegments(joint, shares), probabilities);
	return Object.fromEntries(joint.map((row, index) => [names[index] ?? NO_SEGMENT, row]));
}

/**
 * The joint of the partition that the experts have selected.
 *
 * @param segments decayed counts as of the partition's latest access
 * @param windowHours forecast from the hour after the next on
 */
export function jointOfSegments(
	probabilities: readonly number[],
	segments: ReadonlyMap<string, SegmentCounts>,
	{ amounts, counts14d, hour }: ExpertColumns,
	windowHours: number,
): Record<string, number[]> {
	const left = 2 ** (-amounts.ageHours / SEGMENT_HALF_LIFE_HOURS);
	const counts = Object.fromEntries([...segments].map(([name, { byRegion }]) => [name, Array.from(byRegion, (count) => count * left)]));
	const activity = Object.fromEntries(
		[...segments].map(([name, { byHour }]) => [name, activityOf(byHour, left, hour + LEAD_HOURS, windowHours)]),
	);
	return jointOf(probabilities, counts, [...counts14d], activity);
}

/** How active a segment is in some hours of the day against its average, drawn towards 1; whole days are as usual. */
function activityOf(byHour: Float64Array, left: number, fromHour: number, hours: number): number {
	if (hours >= HOURS_PER_DAY) return 1;
	const at = (hour: number): number => byHour[hour % HOURS_PER_DAY] ?? 0;
	let inside = SKIRT_WEIGHT * (at(fromHour + HOURS_PER_DAY - 1) + at(fromHour + hours));
	for (let hour = fromHour; hour < fromHour + hours; hour += 1) inside += at(hour);
	const usual = (hours + 2 * SKIRT_WEIGHT) / HOURS_PER_DAY;
	const total = byHour.reduce((all, count) => all + count, 0);
	return (inside * left + HOURS_PRIOR * usual) / (total * left + HOURS_PRIOR) / usual;
}

const fitSegments = (joint: readonly (readonly number[])[], shares: readonly number[]): number[][] =>
	joint.map((row, index) => {
		const total = sum(row);
		return row.map((value) => (total > 0 ? (value * (shares[index] ?? 0)) / total : 0));
	});

function fitRegions(joint: readonly (readonly number[])[], probabilities: readonly number[]): number[][] {
	const totals = probabilities.map((_, region) => joint.reduce((total, row) => total + (row[region] ?? 0), 0));
	return joint.map((row) => row.map((value, region) => (value * (probabilities[region] ?? 0)) / (totals[region] ?? 1)));
}

import type { RegionId } from "#domain/geography/region-id.ts";
import { type ExternalFactor, type ForecastSpan, liftOf, overlapOf } from "#domain/prediction/external/tilt.ts";
import { HOUR_MS } from "#domain/prediction/hours.ts";
import type { HourlyOutlook } from "#domain/prediction/outlook.ts";

/** Segment -> P(region, segment), in the order of the outlook's regions. */
export type Joint = Readonly<Record<string, readonly number[]>>;

/**
 * Tilts the hours of an outlook by what is known from outside, in place: each hour by the share of it that a factor lasts. A factor that names segments
 * lifts those of a region's accesses that are theirs.
 *
 * @param regions in the order of the outlook's numbers
 * @param joint what is expected of segments in the hours to come; without it, factors that name some change nothing
 */
export function tiltOutlook(
	{ fromHour, accesses }: HourlyOutlook,
	regions: readonly RegionId[],
	factors: readonly ExternalFactor[],
	joint: Joint = {},
): void {
	const hours = accesses.length / regions.length;
	const whole = { fromMs: fromHour * HOUR_MS, untilMs: (fromHour + hours) * HOUR_MS };
	const touching = factors.filter((factor) => overlapOf(factor, whole) > 0);
	if (touching.length === 0) return;
	for (let hour = 0; hour < hours; hour += 1) {
		const span = { fromMs: (fromHour + hour) * HOUR_MS, untilMs: (fromHour + hour + 1) * HOUR_MS };
		regions.forEach((region, index) => {
			const at = hour * regions.length + index;
			accesses[at] = (accesses[at] ?? 0) * meanLift(touching, region, span, sharesIn(joint, index));
		});
	}
}

/** Segment and P(segment | region); one nameless segment where nothing is known of them. */
function sharesIn(joint: Joint, region: number): readonly (readonly [segment: string | undefined, share: number])[] {
	const rows = Object.entries(joint).map(([segment, row]) => [segment, row[region] ?? 0] as const);
	const total = rows.reduce((sum, [, p]) => sum + p, 0);
	return total > 0 ? rows.map(([segment, p]) => [segment, p / total]) : [[undefined, 1]];
}

const meanLift = (factors: readonly ExternalFactor[], region: RegionId, span: ForecastSpan, shares: ReturnType<typeof sharesIn>): number =>
	shares.reduce((sum, [segment, share]) => sum + share * liftOf(factors, region, span, segment), 0);

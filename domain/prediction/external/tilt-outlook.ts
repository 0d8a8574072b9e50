import type { RegionId } from "#domain/geography/region-id.ts";
import { type ExternalFactor, liftOf, overlapOf } from "#domain/prediction/external/tilt.ts";
import { HOUR_MS } from "#domain/prediction/hours.ts";
import type { HourlyOutlook } from "#domain/prediction/outlook.ts";

/**
 * Tilts the hours of an outlook by what is known from outside, in place: each hour by the share of it that a factor lasts. An outlook knows no
 * segments: factors that name some change nothing here.
 *
 * @param regions in the order of the outlook's numbers
 */
export function tiltOutlook({ fromHour, accesses }: HourlyOutlook, regions: readonly RegionId[], factors: readonly ExternalFactor[]): void {
	const hours = accesses.length / regions.length;
	const whole = { fromMs: fromHour * HOUR_MS, untilMs: (fromHour + hours) * HOUR_MS };
	const touching = factors.filter((factor) => factor.segments === undefined && overlapOf(factor, whole) > 0);
	if (touching.length === 0) return;
	for (let hour = 0; hour < hours; hour += 1) {
		const span = { fromMs: (fromHour + hour) * HOUR_MS, untilMs: (fromHour + hour + 1) * HOUR_MS };
		regions.forEach((region, index) => {
			const at = hour * regions.length + index;
			accesses[at] = (accesses[at] ?? 0) * liftOf(touching, region, span);
		});
	}
}

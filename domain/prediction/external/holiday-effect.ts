import * as z from "zod";
import type { RegionId } from "#domain/geography/region-id.ts";
import { type HolidayCalendar, shareOnHoliday } from "#domain/prediction/external/holidays.ts";
import type { ExternalFactor } from "#domain/prediction/external/tilt.ts";
import { HOUR_MS } from "#domain/prediction/hours.ts";

const effect = z.strictObject({
	/** Accesses more than usual on holidays, weighted by the share on holiday; negative: fewer. */
	gained: z.number(),
	/** Accesses that would have been usual then, weighted by the share squared. */
	usual: z.number().min(0),
});
/** What holidays have been seen to do, by region. */
export const holidayEffectSchema = z.strictObject({
	/** Hours through which it has been learnt. */
	throughHour: z.int(),
	regions: z.record(z.string(), effect),
});
export type HolidayEffect = z.infer<typeof holidayEffectSchema>;

/** Accesses of a region in an hour, and how many are usual at such an hour of the week. */
export interface RegionHour {
	readonly region: RegionId;
	readonly hour: number;
	readonly accesses: number;
	readonly usual: number;
}

/** A year-old holiday counts half. */
const HALF_LIFE_HOURS = 365 * 24;
/** Usual accesses for which holidays are taken to change nothing. */
const PRIOR = 50;
/** Changes below this are noise. */
const LEAST_CHANGE = 0.05;
const LIMITS = { least: 0.05, most: 4 } as const;
/** What tilted a forecast, in its record. */
const NAME = "public holidays";

/**
 * Whether a forecast is the model's own, so that what comes of it says something of its calibration: nobody declared an event. Holidays tilt a
 * little nearly always, somewhere in a week.
 */
export const isOwnForecast = (tilts: readonly string[] = []): boolean => tilts.every((name) => name === NAME);

/** Learns from hours that have passed; hours learnt before, and hours without a holiday, change nothing. */
export function learnHolidays(
	before: HolidayEffect | undefined,
	hours: readonly RegionHour[],
	calendar: HolidayCalendar,
	throughHour: number,
): HolidayEffect {
	const factor = before === undefined ? 1 : 2 ** (-(throughHour - before.throughHour) / HALF_LIFE_HOURS);
	const regions = Object.fromEntries(
		Object.entries(before?.regions ?? {}).map(([region, { gained, usual }]) => [
			region,
			{ gained: gained * factor, usual: usual * factor },
		]),
	);
	for (const { region, hour, accesses, usual } of hours) {
		const share = hour > (before?.throughHour ?? Number.NEGATIVE_INFINITY) ? shareOnHoliday(calendar, region, hour) : 0;
		if (share === 0) continue;
		const known = regions[region] ?? { gained: 0, usual: 0 };
		regions[region] = { gained: known.gained + share * (accesses - usual), usual: known.usual + share * share * usual };
	}
	return { throughHour, regions };
}

/** How many times the usual accesses a region has when everybody there has a holiday; 1 where nothing is known. */
export function holidayLift({ regions }: HolidayEffect, region: string): number {
	const { gained, usual } = regions[region] ?? { gained: 0, usual: 0 };
	const lift = 1 + gained / (usual + PRIOR);
	if (Math.abs(lift - 1) < LEAST_CHANGE) return 1;
	return Math.min(LIMITS.most, Math.max(LIMITS.least, lift));
}

/** The coming holidays as factors on a forecast; none where holidays were not seen to change anything. */
export function holidayFactors(effect: HolidayEffect | undefined, calendar: HolidayCalendar): readonly ExternalFactor[] {
	if (effect === undefined) return [];
	return [...calendar].flatMap(([region, spans]) => {
		const lift = holidayLift(effect, region);
		if (lift === 1) return [];
		return spans.map(({ startHour, endHour, share }) => ({
			name: NAME,
			startMs: startHour * HOUR_MS,
			endMs: endHour * HOUR_MS,
			lift: new Map([[region, 1 + share * (lift - 1)]]),
		}));
	});
}

import { createLocator } from "#domain/geography/locate.ts";
import type { RegionId } from "#domain/geography/region-id.ts";
import { HOLIDAY_TABLE } from "#domain/prediction/external/holiday-table.ts";

/** Hours during which a share of the people whose region this is have a public holiday. */
export interface HolidaySpan {
	/** Hours since the Unix epoch; until before `endHour`. */
	readonly startHour: number;
	readonly endHour: number;
	/** 0..1. */
	readonly share: number;
}

/** The holidays behind each region, by beginning. */
export type HolidayCalendar = ReadonlyMap<RegionId, readonly HolidaySpan[]>;

const DAY_HOURS = 24;

/**
 * Public holidays of the countries that count to each deployed region, weighted by their people. A holiday is the local day of its country,
 * summer time included, to the hour; large countries with several time zones keep that of the capital or of most people.
 */
export function holidayCalendar(regions: readonly RegionId[], fromHour: number, untilHour: number): HolidayCalendar {
	const locate = createLocator(regions);
	const people = new Map<RegionId, number>();
	const found = HOLIDAY_TABLE.flatMap(([country, millions, holidays]) => {
		const place = locate({ country });
		if (place.kind !== "located") return [];
		people.set(place.region, (people.get(place.region) ?? 0) + millions);
		return decode(holidays)
			.filter(([start, end]) => end > fromHour && start < untilHour)
			.map(([startHour, endHour]) => ({ region: place.region, startHour, endHour, millions }));
	});
	const calendar = new Map<RegionId, HolidaySpan[]>();
	for (const { region, startHour, endHour, millions } of found.sort((a, b) => a.startHour - b.startHour)) {
		const spans = calendar.get(region) ?? [];
		calendar.set(region, spans);
		spans.push({ startHour, endHour, share: millions / (people.get(region) ?? millions) });
	}
	return calendar;
}

/** The share of a region's people who have a holiday in an hour, 0..1. */
export const shareOnHoliday = (calendar: HolidayCalendar, region: RegionId, hour: number): number =>
	(calendar.get(region) ?? []).reduce((sum, { startHour, endHour, share }) => sum + (hour >= startHour && hour < endHour ? share : 0), 0);

/** Gaps between beginnings in base 36, a colon and a length where one does not last 24 hours -> beginnings and ends in hours. */
function decode(text: string): readonly (readonly [start: number, end: number])[] {
	let start = 0;
	return text.split(" ").map((entry) => {
		const [gap = "0", hours] = entry.split(":");
		start += Number.parseInt(gap, 36);
		return [start, start + (hours === undefined ? DAY_HOURS : Number.parseInt(hours, 36))];
	});
}

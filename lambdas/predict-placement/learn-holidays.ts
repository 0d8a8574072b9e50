import type { RegionId } from "#domain/geography/region-id.ts";
import type { CalendarStore } from "#domain/ports/calendar-store.ts";
import { learnHolidays as learn, type RegionHour } from "#domain/prediction/external/holiday-effect.ts";
import { holidayCalendar } from "#domain/prediction/external/holidays.ts";
import type { GlobalState, HourCount } from "#domain/prediction/feature-state.ts";
import { GLOBAL_HALF_LIVES_HOURS } from "#domain/prediction/settings.ts";
import { GlobalColumns } from "#predictor/features/shared-columns.ts";
import { loadGlobal } from "#predictor/features/states.ts";

/** The half-life of two weeks: what is usual is what has been usual of late. */
const USUAL = 1;

/** Hours looked back at most: a deployment that nobody used for longer has nothing that is usual. */
const MAX_HOURS = 14 * 24;

/**
 * Holds the accesses of hours that have passed against what was usual before them, where a region had a holiday; hours without an access
 * count too. Most runs find no holiday and end after one look at a table.
 *
 * @param before the state of everybody before these counts: it knows what was usual, and through which hour that was learnt
 */
export async function learnHolidays(
	{ calendar, regions }: { readonly calendar: CalendarStore; readonly regions: readonly RegionId[] },
	before: GlobalState | undefined,
	counts: readonly HourCount[],
	throughHour: number,
): Promise<void> {
	if (before === undefined) return;
	const fromHour = Math.max(before.appliedThroughHour, throughHour - MAX_HOURS) + 1;
	const spans = holidayCalendar(regions, fromHour, throughHour + 1);
	if (spans.size === 0) return;
	const seen = new Map<string, number>();
	for (const { region, hour, count } of counts) seen.set(`${region}/${hour}`, (seen.get(`${region}/${hour}`) ?? 0) + count);
	const usualOf = usualAccesses(before, regions);
	const rows: RegionHour[] = [];
	for (const region of spans.keys()) {
		for (let hour = fromHour; hour <= throughHour; hour += 1)
			rows.push({ region, hour, accesses: seen.get(`${region}/${hour}`) ?? 0, usual: usualOf(region, hour) });
	}
	await calendar.write(learn(await calendar.read(), rows, spans, throughHour));
}

/** Accesses of a region that are usual in an hour: its steady rate, as active as it is at that hour of the week. */
function usualAccesses(state: GlobalState, regions: readonly RegionId[]): (region: RegionId, hour: number) => number {
	const columns = new GlobalColumns(regions.length);
	const index = new Map(regions.map((region, number) => [region as string, number]));
	loadGlobal(columns, state, index);
	columns.week.refresh(state.lastHour);
	const counts = new Float64Array(regions.length);
	return (region, hour) => {
		columns.counts.read(0, USUAL, hour, counts);
		const at = index.get(region) ?? -1;
		return (((counts[at] ?? 0) * Math.LN2) / GLOBAL_HALF_LIVES_HOURS[USUAL]) * columns.week.activity(at, hour, 1);
	};
}

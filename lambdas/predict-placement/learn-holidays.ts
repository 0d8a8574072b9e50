import type { RegionId } from "#domain/geography/region-id.ts";
import type { CalendarStore } from "#domain/ports/calendar-store.ts";
import { learnHolidays as learn, type RegionHour } from "#domain/prediction/external/holiday-effect.ts";
import { holidayCalendar } from "#domain/prediction/external/holidays.ts";
import type { GlobalState, HourCount } from "#domain/prediction/feature-state.ts";
import { usualAccesses } from "#predictor/external/usual-accesses.ts";
import { GlobalColumns } from "#predictor/features/shared-columns.ts";
import { loadGlobal } from "#predictor/features/states.ts";

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
	const usualOf = usualSince(before, regions, fromHour);
	const rows: RegionHour[] = [];
	for (const region of spans.keys()) {
		for (let hour = fromHour; hour <= throughHour; hour += 1) {
			const usual = usualOf(region, hour);
			if (usual !== undefined) rows.push({ region, hour, accesses: seen.get(`${region}/${hour}`) ?? 0, usual });
		}
	}
	await calendar.write(learn(await calendar.read(), rows, spans, throughHour));
}

/** What was usual before the given state's next hours, by region and hour. */
function usualSince(
	state: GlobalState,
	regions: readonly RegionId[],
	fromHour: number,
): (region: RegionId, hour: number) => number | undefined {
	const columns = new GlobalColumns(regions);
	const index = new Map(regions.map((region, number) => [region as string, number]));
	loadGlobal(columns, state, index);
	columns.week.refresh(fromHour);
	const scratch = new Float64Array(regions.length);
	return (region, hour) => usualAccesses(columns, index.get(region) ?? -1, hour, scratch);
}

import { getOne, keyOf, putMany, type Table } from "#adapters/dynamodb/batches.ts";
import type { CalendarStore } from "#domain/ports/calendar-store.ts";
import { holidayEffectSchema } from "#domain/prediction/external/holiday-effect.ts";

const EFFECT = keyOf("CALENDAR", "holidays");

/** The effect of holidays in the predictions table. @see ARCHITECTURE.md for its keys */
export const createCalendarStore = (table: Table): CalendarStore => ({
	async read() {
		const item = await getOne(table, EFFECT);
		// what another release wrote is learnt again
		const parsed = item === undefined ? undefined : holidayEffectSchema.safeParse(JSON.parse(String(item["value"])));
		return parsed?.data;
	},
	write: (effect) => putMany(table, [{ ...EFFECT, value: JSON.stringify(effect) }]),
});

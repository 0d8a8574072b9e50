import { GetCommand } from "@aws-sdk/lib-dynamodb";
import { keyOf, putMany, type Table } from "#adapters/dynamodb/batches.ts";
import { repeatable } from "#adapters/dynamodb/retry.ts";
import type { CalendarStore } from "#domain/ports/calendar-store.ts";
import { holidayEffectSchema } from "#domain/prediction/external/holiday-effect.ts";

const EFFECT = keyOf("CALENDAR", "holidays");

/** The effect of holidays in the predictions table. @see ARCHITECTURE.md for its keys */
export const createCalendarStore = (table: Table): CalendarStore => ({
	async read() {
		const command = new GetCommand({ TableName: table.tableName, Key: { ...EFFECT }, ConsistentRead: true });
		const { Item } = await repeatable(table, "GetItem", () => table.client.send(command));
		// what another release wrote is learnt again
		const parsed = Item === undefined ? undefined : holidayEffectSchema.safeParse(JSON.parse(String(Item["value"])));
		return parsed?.data;
	},
	write: (effect) => putMany(table, [{ ...EFFECT, value: JSON.stringify(effect) }]),
});

import { DeleteCommand, GetCommand } from "@aws-sdk/lib-dynamodb";
import { type Item, keyOf, putMany, type Table } from "#adapters/dynamodb/batches.ts";
import { queryAll } from "#adapters/dynamodb/query-all.ts";
import { repeatable } from "#adapters/dynamodb/retry.ts";
import type { EventStore } from "#domain/ports/event-store.ts";
import { type ExternalEvent, externalEventSchema } from "#domain/prediction/external/event.ts";
import { OperatingError } from "#domain/shared/errors.ts";
import { KEY } from "#infra/description/tables.ts";

const EVENTS = "EVENT";
/** An event that has ended explains forecasts for a month. */
const KEPT_AFTER_END_SECONDS = 30 * 24 * 3600;

/** Declared events in the predictions table. @see ARCHITECTURE.md for its keys */
export const createEventStore = (table: Table): EventStore => ({
	async list() {
		const items = await queryAll(table, {
			KeyConditionExpression: "#pk = :pk",
			ExpressionAttributeNames: { "#pk": KEY.partitionKey },
			ExpressionAttributeValues: { ":pk": EVENTS },
		});
		return items.map(decode).sort((a, b) => Date.parse(a.start) - Date.parse(b.start) || (a.eventId < b.eventId ? -1 : 1));
	},
	async read(eventId) {
		const command = new GetCommand({ TableName: table.tableName, Key: { ...keyOf(EVENTS, eventId) }, ConsistentRead: true });
		const { Item } = await repeatable(table, "GetItem", () => table.client.send(command));
		return Item === undefined ? undefined : decode(Item);
	},
	write: (event) =>
		putMany(table, [
			{
				...keyOf(EVENTS, event.eventId),
				event: JSON.stringify(event),
				[KEY.expiry]: Math.ceil(Date.parse(event.end) / 1000) + KEPT_AFTER_END_SECONDS,
			},
		]),
	async remove(eventId) {
		const command = new DeleteCommand({ TableName: table.tableName, Key: { ...keyOf(EVENTS, eventId) }, ReturnValues: "ALL_OLD" });
		return (await repeatable(table, "DeleteItem", () => table.client.send(command))).Attributes !== undefined;
	},
});

/** @throws OperatingError `event.invalid` when the item does not have the shape this release writes */
function decode(item: Item): ExternalEvent {
	try {
		return externalEventSchema.parse(JSON.parse(String(item["event"])));
	} catch (cause) {
		throw new OperatingError("a stored event has an unexpected shape", { code: "event.invalid", retryable: false, cause });
	}
}

import { DeleteCommand, QueryCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";
import { keyOf, type Table } from "#adapters/dynamodb/batches.ts";
import { AmbiguousConditionError, repeatable } from "#adapters/dynamodb/retry.ts";
import { classifyFailure, Failure } from "#adapters/dynamodb/translate-error.ts";
import { regionSchema } from "#domain/geography/region-schema.ts";
import { partitionSchema } from "#domain/partition/partition-schema.ts";
import type { OpenPromotion, OpenPromotions } from "#domain/ports/open-promotions.ts";
import { KEY } from "#infra/description/tables.ts";

/** No partition is named so: `#` is not among the characters of a partition. */
const PROMOTIONS = "#promotions";

const rowSchema = z.object({
	[KEY.sortKey]: partitionSchema,
	notedAtMs: z.number(),
	rejoin: z.set(regionSchema).optional(),
});

/** One row a partition beside the decisions; what changes it are single conditional updates. @see ARCHITECTURE.md for the keys */
export const createOpenPromotions = (table: Table): OpenPromotions => ({
	note: (partition, nowMs) =>
		update(table, partition, { UpdateExpression: "SET notedAtMs = :now", ExpressionAttributeValues: { ":now": nowMs } }),
	noteRejoin: (partition, region, nowMs) =>
		update(table, partition, {
			UpdateExpression: "SET notedAtMs = :now ADD rejoin :region",
			ExpressionAttributeValues: { ":now": nowMs, ":region": new Set([region]) },
		}),
	dropRejoin: (partition, region) =>
		update(table, partition, {
			UpdateExpression: "DELETE rejoin :region",
			ConditionExpression: "attribute_exists(notedAtMs)",
			ExpressionAttributeValues: { ":region": new Set([region]) },
		}),
	async close({ partition, notedAtMs }) {
		const command = new DeleteCommand({
			TableName: table.tableName,
			Key: { ...keyOf(PROMOTIONS, partition) },
			ConditionExpression: "notedAtMs = :seen AND attribute_not_exists(rejoin)",
			ExpressionAttributeValues: { ":seen": notedAtMs },
		});
		await unlessRefused(() => repeatable(table, "DeleteItem", () => table.client.send(command)));
	},
	async list({ after, limit }) {
		const command = new QueryCommand({
			TableName: table.tableName,
			Limit: limit,
			ConsistentRead: true,
			KeyConditionExpression: "#pk = :pk",
			ExpressionAttributeNames: { "#pk": KEY.partitionKey },
			ExpressionAttributeValues: { ":pk": PROMOTIONS },
			...(after === undefined ? {} : { ExclusiveStartKey: { ...keyOf(PROMOTIONS, after) } }),
		});
		const { Items = [], LastEvaluatedKey } = await repeatable(table, "Query", () => table.client.send(command));
		const entries = Items.map(decode);
		const last = entries.at(-1);
		return LastEvaluatedKey === undefined || last === undefined ? { entries } : { entries, next: last.partition };
	},
});

function decode(item: Record<string, unknown>): OpenPromotion {
	const { sk, notedAtMs, rejoin = new Set() } = rowSchema.parse(item);
	return { partition: sk, notedAtMs, rejoin: [...rejoin].sort() };
}

async function update(
	table: Table,
	partition: string,
	change: Pick<UpdateCommand["input"], "UpdateExpression" | "ConditionExpression" | "ExpressionAttributeValues">,
): Promise<void> {
	const command = new UpdateCommand({ TableName: table.tableName, Key: { ...keyOf(PROMOTIONS, partition) }, ...change });
	await unlessRefused(() => repeatable(table, "UpdateItem", () => table.client.send(command)));
}

/** A row that has gone, or has been noted again, is left alone. */
async function unlessRefused(work: () => Promise<unknown>): Promise<void> {
	try {
		await work();
	} catch (error) {
		// After a lost answer it may be this very change that is met.
		if (!(error instanceof AmbiguousConditionError) && classifyFailure(error) !== Failure.Condition) throw error;
	}
}

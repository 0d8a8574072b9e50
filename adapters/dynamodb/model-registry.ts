import { GetCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import type * as z from "zod";
import { type Item, keyOf, putMany, type Table } from "#adapters/dynamodb/batches.ts";
import { encodeCalibration } from "#adapters/dynamodb/prediction-items.ts";
import { repeatable } from "#adapters/dynamodb/retry.ts";
import type { ModelRegistry } from "#domain/ports/model-registry.ts";
import { modelInUseSchema, trainingProgressSchema, verdictSchema } from "#domain/prediction/training/verdict.ts";
import { OperatingError } from "#domain/shared/errors.ts";
import { KEY } from "#infra/description/tables.ts";

const MODELS = "MODEL";
const IN_USE = keyOf("MODEL-IN-USE", "record");
const PROGRESS = keyOf("TRAINING", "progress");
const NOTHING_SEEN = { version: 1, appliedThroughHour: -1, windows: {} } as const;
/** Verdicts are explained for two years. */
const VERDICT_TTL_SECONDS = 730 * 24 * 3600;

/** Models in the predictions table. @see ARCHITECTURE.md for its keys */
export const createModelRegistry = (table: Table): ModelRegistry => ({
	readInUse: () => read(table, IN_USE, modelInUseSchema),
	writeInUse: (model) => putMany(table, [{ ...IN_USE, value: JSON.stringify(model) }, encodeCalibration(NOTHING_SEEN)]),
	record: (verdict) =>
		putMany(table, [
			{
				...keyOf(MODELS, `${verdict.decidedAt}#${verdict.name}`),
				outcome: verdict.outcome,
				value: JSON.stringify(verdict),
				[KEY.expiry]: Math.floor(Date.parse(verdict.decidedAt) / 1000) + VERDICT_TTL_SECONDS,
			},
		]),
	async list(limit) {
		const command = new QueryCommand({
			TableName: table.tableName,
			Limit: limit,
			ScanIndexForward: false,
			KeyConditionExpression: "#pk = :pk",
			ExpressionAttributeNames: { "#pk": KEY.partitionKey },
			ExpressionAttributeValues: { ":pk": MODELS },
		});
		const { Items = [] } = await repeatable(table, "Query", () => table.client.send(command));
		return Items.map((item) => parse(verdictSchema, item));
	},
	readProgress: () => read(table, PROGRESS, trainingProgressSchema),
	writeProgress: (progress) => putMany(table, [{ ...PROGRESS, value: JSON.stringify(progress) }]),
});

async function read<T>(table: Table, key: typeof IN_USE, schema: z.ZodType<T>): Promise<T | undefined> {
	const command = new GetCommand({ TableName: table.tableName, Key: { ...key }, ConsistentRead: true });
	const { Item } = await repeatable(table, "GetItem", () => table.client.send(command));
	return Item === undefined ? undefined : parse(schema, Item);
}

/** @throws OperatingError `model-record.invalid` when the item does not have the shape this release writes */
function parse<T>(schema: z.ZodType<T>, item: Item): T {
	try {
		return schema.parse(JSON.parse(String(item["value"])));
	} catch (cause) {
		throw new OperatingError("a stored record of a model has an unexpected shape", {
			code: "model-record.invalid",
			retryable: false,
			cause,
		});
	}
}

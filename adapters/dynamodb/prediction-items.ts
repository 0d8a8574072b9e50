import { z } from "zod";
import { type Item, type ItemKey, keyOf } from "#adapters/dynamodb/batches.ts";
import { type PartitionId, partitionId } from "#domain/partition/partition-id.ts";
import type { PartitionForecast } from "#domain/ports/prediction-store.ts";
import {
	type GlobalState,
	globalStateSchema,
	type ParentState,
	parentStateSchema,
	partitionStateSchema,
} from "#domain/prediction/feature-state.ts";
import { HOUR_MS } from "#domain/prediction/hours.ts";
import { predictionVectorSchema } from "#domain/prediction/prediction-vector.ts";
import { shardOf } from "#domain/prediction/shard.ts";
import { OperatingError } from "#domain/shared/errors.ts";
import { KEY } from "#infra/description/tables.ts";

/** Where a partition that is no longer accessed is forgotten: its longest half-life twice. */
const STATE_TTL_SECONDS = 2 * 365 * 24 * 3600;
const PARENT_PREFIX = "A#";

export const GLOBAL_KEY = { ...keyOf("G", "state") };
export const parentItemKey = (key: string): ItemKey => keyOf(`${PARENT_PREFIX}${key}`, "state");
export const partitionItemKey = (partition: PartitionId): ItemKey => keyOf(`S#${shardOf(partition)}`, partition);

/** A stored item that does not have the shape this release writes. A retry does not help. */
export class InvalidPredictionError extends OperatingError {
	override name = "InvalidPredictionError";
	constructor(key: unknown, cause: unknown) {
		super(`predictions item ${JSON.stringify(key)} has an unexpected shape`, { code: "prediction.invalid", retryable: false, cause });
	}
}

const vectorsSchema = z.array(predictionVectorSchema).readonly();

export const encodeForecast = ({ partition, state, vectors, forecastHour }: PartitionForecast): Item => ({
	...partitionItemKey(partition),
	state: JSON.stringify(state),
	vectors: JSON.stringify(vectors),
	forecastHour,
	[KEY.expiry]: (state.lastHour * HOUR_MS) / 1000 + STATE_TTL_SECONDS,
});

export const decodeForecast = (item: Item): PartitionForecast => ({
	partition: partitionId(String(item[KEY.sortKey])),
	state: parse(partitionStateSchema, item, "state"),
	vectors: parse(vectorsSchema, item, "vectors"),
	forecastHour: Number(item["forecastHour"]),
});

export const encodeParent = ([key, state]: readonly [string, ParentState]): Item => ({
	...parentItemKey(key),
	state: JSON.stringify(state),
	[KEY.expiry]: (state.appliedThroughHour * HOUR_MS) / 1000 + STATE_TTL_SECONDS,
});

export const decodeParent = (item: Item): readonly [string, ParentState] => [
	String(item[KEY.partitionKey]).slice(PARENT_PREFIX.length),
	parse(parentStateSchema, item, "state"),
];

export const encodeGlobal = (state: GlobalState): Item => ({ ...GLOBAL_KEY, state: JSON.stringify(state) });
export const decodeGlobal = (item: Item): GlobalState => parse(globalStateSchema, item, "state");

/** JSON in one attribute: half the size and a fraction of the time of DynamoDB's own maps. @throws InvalidPredictionError */
function parse<T>(schema: z.ZodType<T>, item: Item, attribute: string): T {
	try {
		return schema.parse(JSON.parse(String(item[attribute])));
	} catch (cause) {
		throw new InvalidPredictionError([item[KEY.partitionKey], item[KEY.sortKey]], cause);
	}
}

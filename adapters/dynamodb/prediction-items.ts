import * as z from "zod";
import { type Item, type ItemKey, keyOf } from "#adapters/dynamodb/batches.ts";
import { type PartitionId, partitionId } from "#domain/partition/partition-id.ts";
import type { PartitionForecast } from "#domain/ports/prediction-store.ts";
import { type Calibration, calibrationSchema, probeSchema } from "#domain/prediction/calibration.ts";
import {
	type GlobalState,
	globalStateSchema,
	type ParentState,
	parentStateSchema,
	partitionStateSchema,
} from "#domain/prediction/feature-state.ts";
import { HOUR_MS } from "#domain/prediction/hours.ts";
import { packedOutlookSchema } from "#domain/prediction/outlook.ts";
import { pack, unpack32 } from "#domain/prediction/packed-numbers.ts";
import { predictionVectorSchema } from "#domain/prediction/prediction-vector.ts";
import { OUTLOOK_HOURS } from "#domain/prediction/settings.ts";
import { shardOf } from "#domain/prediction/shard.ts";
import { OLD_STATES } from "#domain/prediction/upgrade-state.ts";
import { OperatingError } from "#domain/shared/errors.ts";
import { KEY } from "#infra/description/tables.ts";

/** Where a partition that is no longer accessed is forgotten: its longest half-life twice. */
const STATE_TTL_SECONDS = 2 * 365 * 24 * 3600;
const PARENT_PREFIX = "A#";

export const GLOBAL_KEY = { ...keyOf("G", "state") };
export const CALIBRATION_KEY = { ...keyOf("CALIBRATION", "state") };
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
const probesSchema = z.array(probeSchema).readonly();
const partitionSchema = z.union([partitionStateSchema, OLD_STATES.partition]);
const parentSchema = z.union([parentStateSchema, OLD_STATES.parent]);
const globalSchema = z.union([globalStateSchema, OLD_STATES.global]);

export const encodeForecast = ({ partition, state, vectors, forecastHour, outlook, probes }: PartitionForecast): Item => ({
	...partitionItemKey(partition),
	state: JSON.stringify(state),
	vectors: JSON.stringify(vectors),
	forecastHour,
	probes: JSON.stringify(probes),
	...(outlook === undefined ? {} : { outlook: JSON.stringify({ fromHour: outlook.fromHour, accesses: pack(outlook.accesses) }) }),
	[KEY.expiry]: (state.lastHour * HOUR_MS) / 1000 + STATE_TTL_SECONDS,
});

export function decodeForecast(item: Item): PartitionForecast {
	const vectors = parse(vectorsSchema, item, "vectors");
	const outlook = item["outlook"] === undefined ? undefined : parse(packedOutlookSchema, item, "outlook");
	return {
		partition: partitionId(String(item[KEY.sortKey])),
		state: parse(partitionSchema, item, "state"),
		vectors,
		forecastHour: Number(item["forecastHour"]),
		// items of earlier releases have none
		probes: item["probes"] === undefined ? [] : parse(probesSchema, item, "probes"),
		...(outlook === undefined ? {} : { outlook: { ...outlook, accesses: unpack32(outlook.accesses, outlookNumbers(vectors)) } }),
	};
}

const outlookNumbers = (vectors: PartitionForecast["vectors"]): number => OUTLOOK_HOURS * (vectors[0]?.regions.length ?? 0);

export const encodeParent = ([key, state]: readonly [string, ParentState]): Item => ({
	...parentItemKey(key),
	state: JSON.stringify(state),
	[KEY.expiry]: (state.appliedThroughHour * HOUR_MS) / 1000 + STATE_TTL_SECONDS,
});

export const decodeParent = (item: Item): readonly [string, ParentState] => [
	String(item[KEY.partitionKey]).slice(PARENT_PREFIX.length),
	parse(parentSchema, item, "state"),
];

export const encodeGlobal = (state: GlobalState): Item => ({ ...GLOBAL_KEY, state: JSON.stringify(state) });
export const decodeGlobal = (item: Item): GlobalState => parse(globalSchema, item, "state");

export const encodeCalibration = (calibration: Calibration): Item => ({ ...CALIBRATION_KEY, state: JSON.stringify(calibration) });
export const decodeCalibration = (item: Item): Calibration => parse(calibrationSchema, item, "state");

/** JSON in one attribute: half the size and a fraction of the time of DynamoDB's own maps. @throws InvalidPredictionError */
function parse<T>(schema: z.ZodType<T>, item: Item, attribute: string): T {
	try {
		return schema.parse(JSON.parse(String(item[attribute])));
	} catch (cause) {
		throw new InvalidPredictionError([item[KEY.partitionKey], item[KEY.sortKey]], cause);
	}
}

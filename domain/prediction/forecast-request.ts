import * as z from "zod";
import { regionSchema } from "#domain/geography/region-schema.ts";
import { type PartitionId, partitionId } from "#domain/partition/partition-id.ts";
import { partitionSchema } from "#domain/partition/partition-schema.ts";
import { calibrationSchema } from "#domain/prediction/calibration.ts";
import {
	type GlobalState,
	globalStateSchema,
	type ParentState,
	parentStateSchema,
	partitionStateSchema,
} from "#domain/prediction/feature-state.ts";
import { hourOf } from "#domain/prediction/hours.ts";
import { type HourlyOutlook, outlookLength, packedOutlookSchema } from "#domain/prediction/outlook.ts";
import { unpack32 } from "#domain/prediction/packed-numbers.ts";
import { type PredictionVector, predictionVectorSchema } from "#domain/prediction/prediction-vector.ts";
import { OUTLOOK_HOURS } from "#domain/prediction/settings.ts";

/** One partition to be forecast: what is remembered of it. */
export const partitionInputSchema = z.strictObject({ partition: partitionSchema, state: partitionStateSchema });
export type PartitionInput = z.infer<typeof partitionInputSchema>;

/** The last moment that a date can be, in ms since the Unix epoch. */
const LAST_MS = 8.64e15;
/** So many hours what is remembered may be ahead of a forecast, for clocks that differ; decayed counts grow without bounds before that. */
const MAX_AHEAD_HOURS = 24;
const each = (values: readonly unknown[]): boolean => new Set(values).size === values.length;

interface Remembered {
	readonly global?: GlobalState | undefined;
	readonly parents: Readonly<Record<string, ParentState>>;
	readonly partitions: readonly PartitionInput[];
}

/** The hour of the latest access that is remembered, since the Unix epoch. */
const lastHourOf = ({ global, parents, partitions }: Remembered): number =>
	[...partitions.map(({ state }) => state), ...Object.values(parents)].reduce(
		(last, { lastHour }) => Math.max(last, lastHour),
		global?.lastHour ?? 0,
	);

/** The body of a call of the model's `/invocations`. */
export const forecastRequestSchema = z
	.strictObject({
		/** Forecasts are made from the beginning of this moment's hour. */
		madeAtMs: z.number().min(0).max(LAST_MS),
		windowHours: z.array(z.int().min(1).max(168)).min(1).refine(each, "each once").readonly(),
		regions: z.array(regionSchema).min(1).max(64).refine(each, "each once").readonly(),
		/** What is remembered of everybody; absent before any access. */
		global: globalStateSchema.optional(),
		/** By `parentKey`; parents that were never accessed are absent. */
		parents: z.record(z.string(), parentStateSchema),
		partitions: z.array(partitionInputSchema).readonly(),
		/** What has been seen of the calibration since the model is in use. @default what training saw */
		calibration: calibrationSchema.shape.windows.optional(),
		/** Whether to answer the coming hours one by one as well. @default no */
		outlooks: z.boolean().optional(),
	})
	.refine(({ madeAtMs, ...remembered }) => lastHourOf(remembered) <= hourOf(madeAtMs) + MAX_AHEAD_HOURS, {
		path: ["madeAtMs"],
		message: `more than ${MAX_AHEAD_HOURS} hours before what is remembered`,
	});
export type ForecastRequest = z.infer<typeof forecastRequestSchema>;

/** What a model says of a request: for every partition in order, one vector a window in order. */
export interface Forecast {
	readonly vectors: readonly PredictionVector[];
	/** Of those partitions that are worth a plan by the hour, where it was asked for. */
	readonly outlooks: ReadonlyMap<PartitionId, HourlyOutlook>;
}

/** The answer as JSON. */
export const forecastResponseSchema = z.strictObject({
	predictions: z.array(predictionVectorSchema).readonly(),
	/** By partition. */
	outlooks: z.record(z.string(), packedOutlookSchema).optional(),
});
export type ForecastResponse = z.infer<typeof forecastResponseSchema>;

/** @throws InvalidStateError where an outlook's numbers are none */
export function forecastOf({ predictions, outlooks = {} }: ForecastResponse, regions: number): Forecast {
	const unpacked = Object.entries(outlooks).map(([name, { fromHour, accesses }]) => {
		const values = unpack32(accesses.length === outlookLength(regions) ? accesses : "", OUTLOOK_HOURS * regions);
		return [partitionId(name), { fromHour, accesses: values }] as const;
	});
	return { vectors: predictions, outlooks: new Map(unpacked) };
}

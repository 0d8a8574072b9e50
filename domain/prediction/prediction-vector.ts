import * as z from "zod";
import { regionSchema } from "#domain/geography/region-schema.ts";
import { partitionSchema } from "#domain/partition/partition-schema.ts";
import { HOUR_MS, hourOf } from "#domain/prediction/hours.ts";
import { LEAD_HOURS } from "#domain/prediction/settings.ts";

const probability = z.number().min(0).max(1);
const SUM_TOLERANCE = 1e-6;
/** The joint sums to the marginal up to rounding. */
const MARGINAL_TOLERANCE = 1e-9;

const sumsToOne = (values: readonly number[]): boolean => Math.abs(values.reduce((sum, value) => sum + value, 0) - 1) < SUM_TOLERANCE;

/** The segment of viewers that belong to none, or to one too small to be remembered. */
export const NO_SEGMENT = "";

/** Where a partition's accesses of the next `windowHours` are expected to come from, and how many. */
export const predictionVectorSchema = z
	.strictObject({
		partition: partitionSchema,
		/** When it was made, in ms since the Unix epoch. */
		madeAtMs: z.number(),
		/** The forecast covers so many hours, from `LEAD_HOURS` after the beginning of the hour of madeAtMs: see `windowOf`. */
		windowHours: z.int().min(1),
		regions: z.array(regionSchema).min(1).readonly(),
		/** P(region), in the order of `regions`; at least 1e-4 each, sum 1. */
		probabilities: z.array(probability).readonly(),
		/**
		 * Segment -> P(region, segment) in the order of `regions`, where the partition has segments. Sums over segments to
		 * `probabilities`; the empty segment stands for everybody else.
		 */
		joint: z.record(z.string(), z.array(probability).readonly()).optional(),
		/** Accesses expected inside the window; at least 0. */
		expectedAccesses: z.number().min(0),
		/** Between which the number of accesses lies with 80 % (10 % and 90 % quantile), where the model says so. */
		accessesInterval: z
			.tuple([z.number().min(0), z.number().min(0)])
			.readonly()
			.optional(),
		/** The decayed count (half-life 60 days) behind the forecast: how much it knows. */
		effectiveCount: z.number().min(0),
		/** The model's own probability of the most likely region, before calibration and tilts. */
		confidence: probability.optional(),
		/** Events and holidays that tilted the forecast, by name. */
		tilts: z.array(z.string()).readonly().optional(),
		/** Set where the customer's endpoint failed and the pool stood in: why. */
		fallback: z.string().optional(),
	})
	.refine((vector) => vector.probabilities.length === vector.regions.length, "one probability a region")
	.refine((vector) => sumsToOne(vector.probabilities), "the probabilities sum to 1")
	.refine((vector) => isConsistent(vector.probabilities, vector.joint), "the joint sums over segments to the probabilities of the regions");
export type PredictionVector = z.infer<typeof predictionVectorSchema>;

function isConsistent(probabilities: readonly number[], joint: Readonly<Record<string, readonly number[]>> | undefined): boolean {
	if (joint === undefined) return true;
	const rows = Object.values(joint);
	return (
		rows.every((row) => row.length === probabilities.length) &&
		probabilities.every((p, region) => Math.abs(rows.reduce((sum, row) => sum + (row[region] ?? 0), 0) - p) < MARGINAL_TOLERANCE)
	);
}

/** The time that a forecast is for, in ms since the Unix epoch. */
export function windowOf({ madeAtMs, windowHours }: Pick<PredictionVector, "madeAtMs" | "windowHours">): {
	fromMs: number;
	untilMs: number;
} {
	const fromMs = (hourOf(madeAtMs) + LEAD_HOURS) * HOUR_MS;
	return { fromMs, untilMs: fromMs + windowHours * HOUR_MS };
}

/** P(segment) by segment, sum 1; undefined where the partition has no segments. */
export function segmentShares({ joint }: Pick<PredictionVector, "joint">): ReadonlyMap<string, number> | undefined {
	if (joint === undefined) return undefined;
	return new Map(Object.entries(joint).map(([segment, row]) => [segment, row.reduce((sum, value) => sum + value, 0)]));
}

/** P(region | segment) in the order of `regions`; undefined for a segment that is not expected at all. */
export function regionsOfSegment({ joint }: Pick<PredictionVector, "joint">, segment: string): readonly number[] | undefined {
	const row = joint?.[segment];
	const total = row?.reduce((sum, value) => sum + value, 0) ?? 0;
	return row === undefined || total === 0 ? undefined : row.map((value) => value / total);
}

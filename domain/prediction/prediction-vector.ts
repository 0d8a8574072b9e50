import { z } from "zod";
import { regionSchema } from "#domain/geography/region-schema.ts";
import { partitionSchema } from "#domain/partition/partition-schema.ts";

const probability = z.number().min(0).max(1);
const SUM_TOLERANCE = 1e-6;

const sumsToOne = (values: readonly number[]): boolean => Math.abs(values.reduce((sum, value) => sum + value, 0) - 1) < SUM_TOLERANCE;

/** Where a partition's accesses of the next `windowHours` are expected to come from, and how many. */
export const predictionVectorSchema = z
	.strictObject({
		partition: partitionSchema,
		/** When it was made, in ms since the Unix epoch. */
		madeAtMs: z.number(),
		/** The forecast covers madeAtMs until so many hours later. */
		windowHours: z.int().min(1),
		regions: z.array(regionSchema).min(1).readonly(),
		/** In the order of `regions`; at least 1e-4 each, sum 1. */
		probabilities: z.array(probability).readonly(),
		/** The same per user segment, where the partition has segments. */
		bySegment: z.record(z.string(), z.array(probability).readonly()).optional(),
		/** Accesses expected inside the window; at least 0. */
		expectedAccesses: z.number().min(0),
		/** The decayed count (half-life 60 days) behind the forecast: how much it knows. */
		effectiveCount: z.number().min(0),
	})
	.refine((vector) => vector.probabilities.length === vector.regions.length, "one probability a region")
	.refine((vector) => sumsToOne(vector.probabilities), "the probabilities sum to 1")
	.refine(
		(vector) => Object.values(vector.bySegment ?? {}).every((p) => p.length === vector.regions.length && sumsToOne(p)),
		"one probability a region in every segment, sum 1",
	);
export type PredictionVector = z.infer<typeof predictionVectorSchema>;

import { z } from "zod";
import { regionSchema } from "#domain/geography/region-schema.ts";
import { partitionSchema } from "#domain/partition/partition-schema.ts";
import { predictionVectorSchema } from "#domain/prediction/prediction-vector.ts";

/** One count a region, in the order of the request's regions. */
const counts = z.array(z.number().min(0)).readonly();

/** What the experts look at for one partition. Suffixes are half-lives; every array is in the order of the request's regions. */
export const partitionFeaturesSchema = z.strictObject({
	partition: partitionSchema,
	e1d: counts,
	e14d: counts,
	e60d: counts,
	e365d: counts,
	/** Halves with every few accesses. */
	recent: counts,
	a14d: counts,
	a365d: counts,
	/** Hours since the first access, at least 1. */
	ageHours: z.number().min(1),
	/** Segment -> decayed counts. */
	segments: z.record(z.string(), counts).optional(),
});
export type PartitionFeatures = z.infer<typeof partitionFeaturesSchema>;

/** What the experts look at for every partition alike. */
export const globalFeaturesSchema = z.strictObject({
	g1d: counts,
	g14d: counts,
	g365d: counts,
	/** Window in hours -> how active each region is inside it against its own average (1: as usual). */
	activity: z.record(z.string(), counts),
});
export type GlobalFeatures = z.infer<typeof globalFeaturesSchema>;

/** The body of a call of the model's `/invocations`. */
export const forecastRequestSchema = z
	.strictObject({
		madeAtMs: z.number(),
		windowHours: z.array(z.int().min(1)).min(1).readonly(),
		regions: z.array(regionSchema).min(1).max(64).readonly(),
		global: globalFeaturesSchema,
		partitions: z.array(partitionFeaturesSchema).readonly(),
	})
	.superRefine((request, context) => {
		const bad = misalignedField(request);
		if (bad !== undefined) context.addIssue({ code: "custom", message: `${bad} needs one number a region` });
	});
export type ForecastRequest = z.infer<typeof forecastRequestSchema>;

/** The answer: for every partition in order, one vector a window in order. */
export const forecastResponseSchema = z.strictObject({ predictions: z.array(predictionVectorSchema).readonly() });
export type ForecastResponse = z.infer<typeof forecastResponseSchema>;

function misalignedField(request: {
	windowHours: readonly number[];
	regions: readonly string[];
	global: GlobalFeatures;
	partitions: readonly PartitionFeatures[];
}): string | undefined {
	const { g1d, g14d, g365d, activity } = request.global;
	const size = request.regions.length;
	for (const [name, values] of Object.entries({ g1d, g14d, g365d })) if (values.length !== size) return `global.${name}`;
	for (const window of request.windowHours) if (activity[window]?.length !== size) return `global.activity.${window}`;
	for (const { partition, ageHours: _, segments, ...arrays } of request.partitions) {
		for (const [name, values] of Object.entries({ ...arrays, ...segments })) if (values.length !== size) return `${partition}: ${name}`;
	}
	return undefined;
}

import { z } from "zod";
import { floored, shrink } from "#predictor/models/distribution.ts";
import { priors } from "#predictor/models/experts.ts";
import type { Model } from "#predictor/models/model.ts";

/** The baseline: the partition's own exponentially weighted shares, drawn towards its parent's. */
export const ewmaArtefactSchema = z.strictObject({
	model: z.literal("ewma"),
	version: z.literal(1),
	halfLife: z.enum(["1d", "14d", "60d", "365d"]),
});
export type EwmaArtefact = z.infer<typeof ewmaArtefactSchema>;

/** Forecasts every window alike: the near future is like the recent past. */
export const createEwma = (artefact: EwmaArtefact): Model => ({
	windowsHours: undefined,
	predict: (features, global) => floored(shrink(features[`e${artefact.halfLife}`], priors(features, global).par1y, 1)),
});

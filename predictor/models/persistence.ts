import { z } from "zod";
import { floored } from "#predictor/models/distribution.ts";
import { priors } from "#predictor/models/experts.ts";
import type { Model } from "#predictor/models/model.ts";

/** The plainest baseline: the next accesses come from where the last ones came from. */
export const persistenceArtefactSchema = z.strictObject({ model: z.literal("persistence"), version: z.literal(1) });

/** Forecasts every window alike; a partition that was never accessed is like its parent. */
export const createPersistence = (): Model => ({
	windowsHours: undefined,
	predict: (features, global) => floored(features.recent.some((count) => count > 0) ? features.recent : priors(features, global).par1y),
});

import * as z from "zod";
import { assertNever } from "#domain/shared/assert-never.ts";
import type { Model } from "#predictor/models/model.ts";
import { createEwma, createPersistence, ewmaArtefactSchema, persistenceArtefactSchema } from "#predictor/models/one-expert.ts";
import { createPool, poolArtefactSchema } from "#predictor/models/pool.ts";

/**
 * The parameters of one model: one line a model here, one in `createModel`. A customer's own endpoint is a model too, but lives
 * elsewhere and has no parameters: adapters/sagemaker/chronos.
 */
export const parametersSchema = z.discriminatedUnion("model", [poolArtefactSchema, ewmaArtefactSchema, persistenceArtefactSchema]);
export type Parameters = z.infer<typeof parametersSchema>;

/** Models that need no training, by the name they are asked for. */
export const PLAIN_MODELS: Readonly<Record<string, Parameters>> = {
	ewma: { model: "ewma", version: 1, halfLife: "14d" },
	persistence: { model: "persistence", version: 1 },
};

/** The model that parameters describe. */
export function createModel(parameters: Parameters): Model {
	switch (parameters.model) {
		case "pool":
			return createPool(parameters);
		case "ewma":
			return createEwma(parameters);
		case "persistence":
			return createPersistence();
		default:
			return assertNever(parameters);
	}
}

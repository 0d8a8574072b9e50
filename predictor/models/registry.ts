import { z } from "zod";
import { assertNever } from "#domain/shared/assert-never.ts";
import { createEwma, ewmaArtefactSchema } from "#predictor/models/ewma.ts";
import type { Model } from "#predictor/models/model.ts";
import { createPool, poolArtefactSchema } from "#predictor/models/pool.ts";

/** What training writes and serving reads: one line a model. */
export const artefactSchema = z.discriminatedUnion("model", [poolArtefactSchema, ewmaArtefactSchema]);
export type Artefact = z.infer<typeof artefactSchema>;

/** The model an artefact describes. */
export function createModel(artefact: Artefact): Model {
	switch (artefact.model) {
		case "pool":
			return createPool(artefact);
		case "ewma":
			return createEwma(artefact);
		default:
			return assertNever(artefact);
	}
}

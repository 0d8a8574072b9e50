import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { OperatingError } from "#domain/shared/errors.ts";
import { DEFAULT_ARTEFACT } from "#predictor/models/default-artefact.ts";
import type { Model } from "#predictor/models/model.ts";
import { artefactSchema, createModel } from "#predictor/models/registry.ts";

/** Where SageMaker unpacks the model archive. */
export const DEFAULT_MODEL_DIR = "/opt/ml/model";
const ARTEFACT_FILE = "model.json";

/** The artefact is not one that this release can serve. A retry does not help. */
export class InvalidArtefactError extends OperatingError {
	override name = "InvalidArtefactError";
	constructor(path: string, why: string, cause?: unknown) {
		super(`${path} is no model this release can serve: ${why}`, { code: "model.invalid-artefact", retryable: false, cause });
	}
}

/** The model in `model.json` of a directory; the built-in one where there is no such file. @throws InvalidArtefactError */
export function loadModel(modelDir: string): { readonly model: Model; readonly source: string } {
	const path = join(modelDir, ARTEFACT_FILE);
	if (!existsSync(path)) return { model: createModel(DEFAULT_ARTEFACT), source: "built-in" };
	const parsed = artefactSchema.safeParse(readJson(path));
	if (!parsed.success) throw new InvalidArtefactError(path, z.prettifyError(parsed.error).replaceAll(/\s+/g, " "), parsed.error);
	return { model: createModel(parsed.data), source: path };
}

function readJson(path: string): unknown {
	try {
		return JSON.parse(readFileSync(path, "utf8"));
	} catch (cause) {
		throw new InvalidArtefactError(path, "it is not JSON", cause);
	}
}

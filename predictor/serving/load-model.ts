import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { OperatingError } from "#domain/shared/errors.ts";
import { BUILT_IN, type ModelArtefact, modelArtefactSchema, whatIsWrong } from "#predictor/models/artefact.ts";

/** The file of a model directory that holds the artefact. */
export const ARTEFACT_FILE = "model.json";

/** The artefact is not one that this release can serve. A retry does not help. */
export class InvalidArtefactError extends OperatingError {
	override name = "InvalidArtefactError";
	constructor(path: string, why: string, cause?: unknown) {
		super(`${path} is no model this release can serve: ${why}`, { code: "model.invalid-artefact", retryable: false, cause });
	}
}

/**
 * The artefact in `model.json` of a directory. The built-in one where nothing was given: there is no directory, or nothing in it, as in
 * a container whose model has no archive.
 *
 * @throws InvalidArtefactError
 */
export function loadArtefact(modelDir: string): ModelArtefact {
	const path = join(modelDir, ARTEFACT_FILE);
	if (!existsSync(modelDir) || readdirSync(modelDir).length === 0) return BUILT_IN;
	if (!existsSync(path)) throw new InvalidArtefactError(modelDir, `there is no ${ARTEFACT_FILE} in it`);
	const json = readJson(path);
	const wrong = whatIsWrong(json);
	if (wrong !== undefined) throw new InvalidArtefactError(path, wrong);
	return modelArtefactSchema.parse(json);
}

function readJson(path: string): unknown {
	try {
		return JSON.parse(readFileSync(path, "utf8"));
	} catch (cause) {
		throw new InvalidArtefactError(path, "it is not JSON", cause);
	}
}

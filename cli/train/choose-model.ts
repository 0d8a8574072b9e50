import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { quote } from "#cli/parse-values.ts";
import { UsageError } from "#cli/usage-error.ts";
import { BUILT_IN, type ModelArtefact, modelArtefactSchema, whatIsWrong } from "#predictor/models/artefact.ts";
import { PLAIN_MODELS } from "#predictor/models/registry.ts";
import { ARTEFACT_FILE } from "#predictor/serving/load-model.ts";

/** The model that came with the release, by the name of its kind. */
const POOL = "pool";
const NAMES: readonly string[] = [POOL, ...Object.keys(PLAIN_MODELS)];

export const MODEL_HELP = `a directory that train wrote, its ${ARTEFACT_FILE}, or ${NAMES.join(", ")}`;

/** What `--model` names: an artefact's file, the directory it is in, or a model of the registry. @throws UsageError */
export function chooseModel(text: string): ModelArtefact {
	if (text === POOL) return BUILT_IN;
	const parameters = Object.hasOwn(PLAIN_MODELS, text) ? PLAIN_MODELS[text] : undefined;
	return parameters === undefined ? readArtefact(text) : { ...BUILT_IN, name: text, parameters };
}

function readArtefact(text: string): ModelArtefact {
	const path = artefactPath(text);
	const fail = (why: string): never => {
		throw new UsageError(`--model: ${path} is no model this release can serve: ${why}`);
	};
	const json = parseJson(path, fail);
	const wrong = whatIsWrong(json);
	return wrong === undefined ? modelArtefactSchema.parse(json) : fail(wrong);
}

function artefactPath(text: string): string {
	const found = statSync(text, { throwIfNoEntry: false });
	if (found === undefined) throw new UsageError(`--model ${quote(text)} is not there; give ${MODEL_HELP}`);
	if (!found.isDirectory()) return text;
	const path = join(text, ARTEFACT_FILE);
	if (statSync(path, { throwIfNoEntry: false }) === undefined)
		throw new UsageError(`--model ${quote(text)}: there is no ${ARTEFACT_FILE} in it; give ${MODEL_HELP}`);
	return path;
}

function parseJson(path: string, fail: (why: string) => never): unknown {
	try {
		return JSON.parse(readFileSync(path, "utf8"));
	} catch (error) {
		return fail(
			error instanceof SyntaxError ? "it is not JSON" : `it cannot be read (${(error as NodeJS.ErrnoException).code ?? "unknown"})`,
		);
	}
}

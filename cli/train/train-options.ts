import { parseNumber, parseOutDirectory, parseOutFile, parseWhole } from "#cli/parse-values.ts";
import { type LogOptions, parseLogOptions, type RawLogOptions } from "#cli/replay/log-options.ts";
import { parseOutsideOptions, type RawOutsideOptions } from "#cli/replay/outside-options.ts";
import { chooseModel } from "#cli/train/choose-model.ts";
import { UsageError } from "#cli/usage-error.ts";
import type { OutsideSources } from "#predictor/external/outside.ts";
import type { ModelArtefact } from "#predictor/models/artefact.ts";

/** The flags of `train`, checked. */
export interface TrainOptions {
	readonly log: LogOptions;
	/** Absolute path of the model directory. */
	readonly out: string;
	readonly heldOutDays: number;
	readonly seed: number;
}

/** The flags of `evaluate`, checked. */
export interface EvaluateOptions {
	readonly log: LogOptions;
	/** Undefined for the model that came with the release. */
	readonly model: ModelArtefact | undefined;
	/** The share of accesses before which nothing is scored. */
	readonly scoreFrom: number;
	readonly outside: OutsideSources;
	readonly json: string | undefined;
}

/** The flags as the command line gives them. */
export interface RawTrainOptions extends RawLogOptions {
	readonly out?: string;
	readonly heldOut?: string;
	readonly seed?: string;
}
export interface RawEvaluateOptions extends RawLogOptions, RawOutsideOptions {
	readonly model?: string;
	readonly scoreFrom?: string;
	readonly json?: string;
}

/** Checks the flags of `train`. @throws UsageError */
export function parseTrainOptions(raw: RawTrainOptions): TrainOptions {
	const log = parseLogOptions(raw);
	if (raw.out === undefined) throw new UsageError("say where the model goes: --out DIR");
	return {
		log,
		out: parseOutDirectory("--out", raw.out),
		heldOutDays: parseNumber("--held-out", raw.heldOut ?? "28", 1, 3650, "newest days that judge the model"),
		seed: parseWhole("--seed", raw.seed ?? "1", 2 ** 32 - 1, "another seed is another order of training"),
	};
}

/** Checks the flags of `evaluate`. @throws UsageError */
export function parseEvaluateOptions(raw: RawEvaluateOptions): EvaluateOptions {
	const log = parseLogOptions(raw);
	return {
		log,
		model: raw.model === undefined ? undefined : chooseModel(raw.model),
		scoreFrom: parseNumber("--score-from", raw.scoreFrom ?? "0.5", 0.05, 0.95, "the part of the log that is not scored"),
		outside: parseOutsideOptions(raw, log.regions),
		json: parseOutFile("--json", raw.json),
	};
}

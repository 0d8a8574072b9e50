import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import type { MlPaths } from "#predictor/container/ml-paths.ts";
import { type Outcome, startApart } from "#predictor/container/train-apart.ts";
import { whatIsWrong } from "#predictor/models/artefact.ts";
import { ARTEFACT_FILE } from "#predictor/serving/load-model.ts";
import type { TrainedCandidate } from "#predictor/training/train-candidate.ts";

const EVALUATION_FILE = "evaluation.json";
/** SageMaker shows so much of the failure. */
const MAX_FAILURE = 1024;
const SIGNALS = ["SIGTERM", "SIGINT"] as const;

/**
 * Trains a candidate on the channel `train` and holds it against what the channel `context` names. Writes the artefact and the evaluation
 * to the model directory, or one readable message to the failure file.
 *
 * @returns the exit code: 0, 1 when there is no model, and what a signal makes of a process that is stopped before: 143 for SIGTERM
 */
export async function train(paths: MlPaths): Promise<number> {
	const training = startApart();
	const signal = await firstOf(training.outcome);
	if (signal === undefined) return conclude(paths, await training.outcome);
	await training.end();
	fail(paths, `stopped by ${signal} before there was a model`);
	return 128 + constants.signals[signal];
}

/** The signal that came before the training's end, if one did. A process with number 1 ignores those that it does not listen for. */
function firstOf(outcome: Promise<Outcome>): Promise<(typeof SIGNALS)[number] | undefined> {
	return new Promise((resolve) => {
		for (const signal of SIGNALS) process.on(signal, () => resolve(signal));
		void outcome.then(() => resolve(undefined));
	});
}

function conclude(paths: MlPaths, outcome: Outcome): 0 | 1 {
	const wrong = outcome.ok ? whatIsWrong(JSON.parse(JSON.stringify(outcome.artefact))) : undefined;
	if (!outcome.ok) return fail(paths, outcome.message);
	if (wrong !== undefined) return fail(paths, `unexpected: training made no model that can be served: ${wrong}`);
	tell(outcome);
	try {
		writeWhole(join(paths.model, EVALUATION_FILE), JSON.stringify(outcome.evaluation, null, "\t"));
		writeWhole(join(paths.model, ARTEFACT_FILE), JSON.stringify(outcome.artefact, null, "\t"));
		return 0;
	} catch (error) {
		return fail(paths, `the model cannot be written: ${messageOf(error)}`);
	}
}

function tell({ evaluation }: TrainedCandidate): void {
	for (const [window, { logLoss, ece, decisionMs, windows }] of Object.entries(evaluation.candidate))
		console.log(
			`${window} h: ${windows} windows, log-loss ${logLoss.toFixed(4)}, ece ${ece.toFixed(4)}, decisions ${decisionMs.toFixed(1)} ms`,
		);
}

function fail(paths: MlPaths, message: string): 1 {
	try {
		writeWhole(paths.failure, message.slice(0, MAX_FAILURE));
		console.error(message);
	} catch (error) {
		console.error(`${message}; which cannot be written down: ${messageOf(error)}`);
	}
	return 1;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** A process that is killed leaves a whole file or none. */
function writeWhole(path: string, content: string): void {
	mkdirSync(dirname(path), { recursive: true });
	writeFileSync(`${path}.part`, content);
	renameSync(`${path}.part`, path);
}

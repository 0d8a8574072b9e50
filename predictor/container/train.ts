import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { REGIONS } from "#domain/geography/regions.ts";
import { OperatingError } from "#domain/shared/errors.ts";
import { readContext } from "#predictor/container/context.ts";
import { readHyperparameters } from "#predictor/container/hyperparameters.ts";
import type { MlPaths } from "#predictor/container/ml-paths.ts";
import { readChannel } from "#predictor/container/read-channel.ts";
import { ARTEFACT_FILE } from "#predictor/serving/load-model.ts";
import { trainCandidate } from "#predictor/training/train-candidate.ts";

const EVALUATION_FILE = "evaluation.json";
/** SageMaker shows so much of the failure. */
const MAX_FAILURE = 1024;

/**
 * Trains a candidate on the channel `train` and holds it against what the channel `context` names. Writes the artefact and the evaluation
 * to the model directory, or one readable message to the failure file.
 *
 * @returns the exit code: 0, or 1 when there is no model
 */
export async function train(paths: MlPaths, environment: Readonly<Record<string, string | undefined>>): Promise<number> {
	try {
		await run(paths, environment["TRAINING_JOB_NAME"] ?? "candidate");
		return 0;
	} catch (error) {
		const message = error instanceof OperatingError ? error.message : `unexpected: ${error instanceof Error ? error.stack : String(error)}`;
		writeWhole(paths.failure, message.slice(0, MAX_FAILURE));
		console.error(message);
		return 1;
	}
}

async function run(paths: MlPaths, jobName: string): Promise<void> {
	const asked = readHyperparameters(paths.hyperparameters);
	const context = readContext(paths.channel("context"), jobName);
	const regions = asked.regions ?? context.regions ?? REGIONS.map(({ id }) => id);
	const { history, rows, skipped } = await readChannel(paths.channel("train"), regions);
	const left = Object.entries(skipped).map(([reason, n]) => `${n} ${reason}`);
	console.log(`${rows} rows, ${history.cells.hour.length} counts${left.length === 0 ? "" : `; skipped: ${left.join(", ")}`}`);
	const { artefact, evaluation } = trainCandidate(history, {
		...context,
		windowsHours: asked.windows ?? context.windowsHours,
		heldOutDays: asked.held_out_days ?? context.heldOutDays,
		...(asked.epochs === undefined ? {} : { epochs: asked.epochs }),
		...(asked.seed === undefined ? {} : { seed: asked.seed }),
	});
	for (const [window, { logLoss, ece, decisionMs, windows }] of Object.entries(evaluation.candidate))
		console.log(
			`${window} h: ${windows} windows, log-loss ${logLoss.toFixed(4)}, ece ${ece.toFixed(4)}, decisions ${decisionMs.toFixed(1)} ms`,
		);
	writeWhole(join(paths.model, EVALUATION_FILE), JSON.stringify(evaluation, null, "\t"));
	writeWhole(join(paths.model, ARTEFACT_FILE), JSON.stringify(artefact, null, "\t"));
}

/** A process that is killed leaves a whole file or none. */
function writeWhole(path: string, content: string): void {
	mkdirSync(dirname(path), { recursive: true });
	writeFileSync(`${path}.part`, content);
	renameSync(`${path}.part`, path);
}

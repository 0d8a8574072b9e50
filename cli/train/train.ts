import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readRttFile } from "#cli/read-rtt-file.ts";
import { ProgressLine } from "#cli/replay/progress-line.ts";
import { loadHistory } from "#cli/train/load-history.ts";
import { renderScores } from "#cli/train/render-scores.ts";
import type { EvaluateOptions, TrainOptions } from "#cli/train/train-options.ts";
import { UsageError } from "#cli/usage-error.ts";
import { WINDOWS_HOURS } from "#domain/prediction/settings.ts";
import { OperatingError } from "#domain/shared/errors.ts";
import { backTest } from "#predictor/evaluation/back-test.ts";
import { hourOfVolume } from "#predictor/features/history.ts";
import { BUILT_IN } from "#predictor/models/artefact.ts";
import { createModel } from "#predictor/models/registry.ts";
import { ARTEFACT_FILE, loadArtefact } from "#predictor/serving/load-model.ts";
import { rttMatrix, trainCandidate } from "#predictor/training/train-candidate.ts";

const EVALUATION_FILE = "evaluation.json";

/** Where results and everything else are written. */
export interface TrainOutput {
	readonly out: Pick<NodeJS.WriteStream, "write">;
	readonly tell: Pick<NodeJS.WriteStream, "write"> & { readonly columns?: number; readonly isTTY?: boolean };
}
const TO_TERMINAL: TrainOutput = { out: process.stdout, tell: process.stderr };

/** Trains a model on a log and writes it with its scores on the newest days; the exit code. */
export const train = ({ log, out, heldOutDays, seed }: TrainOptions, output: TrainOutput = TO_TERMINAL): Promise<number> =>
	inOneLine(output, async (progress) => {
		const measured = log.rttFile === undefined ? undefined : readRttFile(log.rttFile);
		const history = await loadHistory(log, progress);
		const onProgress = (phase: string): void => progress.show(phase, undefined);
		const input = { name: "trained", windowsHours: WINDOWS_HOURS, heldOutDays, current: BUILT_IN, rttMatrix: measured, seed, onProgress };
		const { artefact, evaluation } = trainCandidate(history, input);
		mkdirSync(out, { recursive: true });
		writeWhole(join(out, EVALUATION_FILE), evaluation);
		writeWhole(join(out, ARTEFACT_FILE), artefact);
		const { heldOut, candidate, current, reactive } = evaluation;
		const rows = [
			["trained", candidate],
			[current.name, current.scores],
			[`${reactive.name}, best reactive`, reactive.scores],
		] as const;
		const held = `scored on ${heldOut.accesses.toLocaleString("en-US")} accesses from ${heldOut.from.slice(0, 10)} on, which it was not trained on`;
		for (const line of [...renderScores(rows), held, `the model is in ${join(out, ARTEFACT_FILE)}`]) output.out.write(`${line}\n`);
	});

/** Scores a model on a log beside the one that came with the release and the best reactive rule; the exit code. */
export const evaluate = ({ log, model, scoreFrom, json }: EvaluateOptions, output: TrainOutput = TO_TERMINAL): Promise<number> =>
	inOneLine(output, async (progress) => {
		const artefact = model === undefined ? BUILT_IN : loadArtefact(model);
		if (model !== undefined && artefact === BUILT_IN)
			throw new UsageError(`--model ${model}: there is no ${ARTEFACT_FILE} in it; give the directory that train wrote`);
		const rttMs = rttMatrix(log.regions, log.rttFile === undefined ? undefined : readRttFile(log.rttFile));
		const history = await loadHistory(log, progress);
		const { candidate, current, reactive } = backTest(history, createModel(artefact.parameters), BUILT_IN, {
			windowsHours: WINDOWS_HOURS,
			span: { fromHour: hourOfVolume(history, scoreFrom), toHour: (history.cells.hour.at(-1) ?? 0) + 1 },
			rttMs,
			onProgress: (hours) => progress.show(`scoring ${artefact.name} (${hours} h)`, undefined),
		});
		if (json !== undefined) writeWhole(json, { model: artefact.name, scores: candidate, current, reactive });
		const own = [artefact.name, candidate] as const;
		const others = [
			[current.name, current.scores],
			[`${reactive.name}, best reactive`, reactive.scores],
		] as const;
		const rows = artefact === BUILT_IN ? [own, ...others.slice(1)] : [own, ...others];
		for (const line of renderScores(rows)) output.out.write(`${line}\n`);
	});

/** What the user can put right is told in one line, with exit code 2. */
async function inOneLine({ tell }: TrainOutput, work: (progress: ProgressLine) => Promise<void>): Promise<number> {
	const progress = new ProgressLine(tell);
	try {
		await work(progress);
		return 0;
	} catch (error) {
		if (!(error instanceof OperatingError)) throw error;
		progress.say(`heliotrope: ${error.message}`);
		return 2;
	} finally {
		progress.clear();
	}
}

function writeWhole(file: string, value: unknown): void {
	writeFileSync(`${file}.partial`, `${JSON.stringify(value, null, "\t")}\n`);
	renameSync(`${file}.partial`, file);
}

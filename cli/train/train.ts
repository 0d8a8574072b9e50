import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readRttFile } from "#cli/read-rtt-file.ts";
import { ProgressLine } from "#cli/replay/progress-line.ts";
import { loadHourCounts } from "#cli/train/load-hour-counts.ts";
import { renderScores } from "#cli/train/render-scores.ts";
import type { EvaluateOptions, TrainOptions } from "#cli/train/train-options.ts";
import { UsageError } from "#cli/usage-error.ts";
import { createRttTable } from "#domain/geography/round-trip-time.ts";
import type { HourCount } from "#domain/prediction/feature-state.ts";
import { OperatingError } from "#domain/shared/errors.ts";
import { backTest } from "#predictor/evaluation/back-test.ts";
import { labelledWindows } from "#predictor/evaluation/labelled-windows.ts";
import { BUILT_IN } from "#predictor/models/artefact.ts";
import { createModel } from "#predictor/models/registry.ts";
import { ARTEFACT_FILE, loadArtefact } from "#predictor/serving/load-model.ts";
import { trainCandidate } from "#predictor/training/train-candidate.ts";

const WINDOWS_HOURS = [6, 24, 168] as const;
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
		const rttMatrix = log.rttFile === undefined ? undefined : readRttFile(log.rttFile);
		const counts = await loadHourCounts(log, progress);
		progress.say(`training on ${counts.length.toLocaleString("en-US")} hourly counts`);
		const input = { name: "trained", regions: log.regions, windowsHours: WINDOWS_HOURS, heldOutDays, current: BUILT_IN, rttMatrix, seed };
		const { artefact, evaluation } = trainCandidate(counts, input);
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
		const rtt = createRttTable(log.regions, log.rttFile === undefined ? {} : readRttFile(log.rttFile));
		const counts = await loadHourCounts(log, progress);
		progress.say(`scoring ${artefact.name}`);
		const span = { fromHour: hourOfShare(counts, scoreFrom), toHour: (counts.at(-1)?.hour ?? 0) + 1 };
		const windows = labelledWindows(counts, { regions: log.regions, windowsHours: WINDOWS_HOURS, ...span });
		const rttMs = log.regions.map((from) => log.regions.map((to) => rtt(from, to)));
		const { candidate, current, reactive } = backTest(windows, createModel(artefact.parameters), BUILT_IN, rttMs);
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

function hourOfShare(counts: readonly HourCount[], share: number): number {
	const total = counts.reduce((sum, { count }) => sum + count, 0);
	let seen = 0;
	for (const { hour, count } of counts) {
		seen += count;
		if (seen >= share * total) return hour;
	}
	return counts.at(-1)?.hour ?? 0;
}

function writeWhole(file: string, value: unknown): void {
	writeFileSync(`${file}.partial`, `${JSON.stringify(value, null, "\t")}\n`);
	renameSync(`${file}.partial`, file);
}

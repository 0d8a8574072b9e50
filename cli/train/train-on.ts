import { join } from "node:path";
import { plural } from "#cli/display/format.ts";
import { readRttFile } from "#cli/read-rtt-file.ts";
import { describeRows } from "#cli/replay/describe-rows.ts";
import { wrapText } from "#cli/replay/text-table.ts";
import type { JobListener } from "#cli/thread/serve-job.ts";
import { describeJudgement } from "#cli/train/describe-judgement.ts";
import { loadHistory } from "#cli/train/load-history.ts";
import { renderScores } from "#cli/train/render-scores.ts";
import type { TrainResult } from "#cli/train/train-job.ts";
import type { TrainOptions } from "#cli/train/train-options.ts";
import { WINDOWS_HOURS } from "#domain/prediction/settings.ts";
import { BUILT_IN } from "#predictor/models/artefact.ts";
import { ARTEFACT_FILE } from "#predictor/serving/load-model.ts";
import { trainCandidate } from "#predictor/training/train-candidate.ts";

const EVALUATION_FILE = "evaluation.json";
const WIDTH = 100;

/** Trains a model on a log and scores it on the newest days. @throws LogError, UsageError, OperatingError */
export async function trainOn({ log, out, heldOutDays, seed }: TrainOptions, nowMs: number, listener: JobListener): Promise<TrainResult> {
	const rttMatrix = log.rttFile === undefined ? undefined : readRttFile(log.rttFile);
	const { history, rows: used, rowsSkipped } = await loadHistory(log, nowMs, listener);
	const { onProgress } = listener;
	const input = { name: "trained", windowsHours: WINDOWS_HOURS, heldOutDays, current: BUILT_IN, rttMatrix, seed, onProgress };
	const { artefact, evaluation } = trainCandidate(history, input);
	const { heldOut, candidate, current, reactive } = evaluation;
	const rows = [
		["trained", candidate],
		[current.name, current.scores],
		[`${reactive.name}, best reactive`, reactive.scores],
	] as const;
	const held = `scored on ${plural(heldOut.accesses, "access", "accesses")} from ${heldOut.from.slice(0, 10)} on, which it was not trained on`;
	const path = join(out, ARTEFACT_FILE);
	return {
		files: [
			[join(out, EVALUATION_FILE), evaluation],
			[path, artefact],
		],
		lines: [
			describeRows(used, rowsSkipped),
			"",
			...renderScores(rows),
			held,
			`the model is in ${path}`,
			"",
			...wrapText(describeJudgement(evaluation), WIDTH),
		],
	};
}

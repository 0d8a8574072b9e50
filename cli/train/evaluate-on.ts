import { readRttFile } from "#cli/read-rtt-file.ts";
import { describeRows } from "#cli/replay/describe-rows.ts";
import { renderCoverage } from "#cli/replay/render-coverage.ts";
import type { JobListener } from "#cli/thread/serve-job.ts";
import { loadHistory } from "#cli/train/load-history.ts";
import { renderScores } from "#cli/train/render-scores.ts";
import type { TrainResult } from "#cli/train/train-job.ts";
import type { EvaluateOptions } from "#cli/train/train-options.ts";
import { UsageError } from "#cli/usage-error.ts";
import { WINDOWS_HOURS } from "#domain/prediction/settings.ts";
import { backTest } from "#predictor/evaluation/back-test.ts";
import { scoreVolumes } from "#predictor/evaluation/score-volumes.ts";
import { hourOfVolume } from "#predictor/features/history.ts";
import { BUILT_IN } from "#predictor/models/artefact.ts";
import { createModel } from "#predictor/models/registry.ts";
import { ARTEFACT_FILE, loadArtefact } from "#predictor/serving/load-model.ts";
import { rttMatrix } from "#predictor/training/train-candidate.ts";
import { ACTIVE_HOURS } from "#predictor/training/train-models.ts";

const WIDTH = 100;

/** Scores a model on a log beside the one that came with the release and the best reactive rule. @throws LogError, UsageError, OperatingError */
export async function evaluateOn(
	{ log, model, scoreFrom, outside, json }: EvaluateOptions,
	nowMs: number,
	listener: JobListener,
): Promise<TrainResult> {
	const artefact = model === undefined ? BUILT_IN : loadArtefact(model);
	if (model !== undefined && artefact === BUILT_IN)
		throw new UsageError(`--model ${model}: there is no ${ARTEFACT_FILE} in it; give the directory that train wrote`);
	const rttMs = rttMatrix(log.regions, log.rttFile === undefined ? undefined : readRttFile(log.rttFile));
	const { history, rows, rowsSkipped } = await loadHistory(log, nowMs, listener);
	const scored = createModel(artefact.parameters);
	const span = { fromHour: hourOfVolume(history, scoreFrom), toHour: (history.cells.hour.at(-1) ?? 0) + 1 };
	const { candidate, current, reactive } = backTest(history, scored, BUILT_IN, {
		windowsHours: WINDOWS_HOURS,
		span,
		rttMs,
		outside,
		onProgress: (hours) => listener.onProgress(`scoring ${artefact.name} (${hours} h)`),
	});
	const coverage = (scored.windowsHours ?? WINDOWS_HOURS).map(
		(hours) => [`${hours}h`, scoreVolumes(history, hours, scored, ACTIVE_HOURS, span)] as const,
	);
	const own = [artefact.name, candidate] as const;
	const others = [
		[current.name, current.scores],
		[`${reactive.name}, best reactive`, reactive.scores],
	] as const;
	return {
		files:
			json === undefined
				? []
				: [
						[
							json,
							{ model: artefact.name, rows, rowsSkipped, scores: candidate, current, reactive, coverage: Object.fromEntries(coverage) },
						],
					],
		lines: [
			describeRows(rows, rowsSkipped),
			"",
			...renderScores(artefact === BUILT_IN ? [own, ...others.slice(1)] : [own, ...others]),
			"",
			...renderCoverage(coverage, WIDTH),
		],
	};
}

import { readRttFile } from "#cli/read-rtt-file.ts";
import { describeRows } from "#cli/replay/describe-rows.ts";
import { renderCoverage } from "#cli/replay/render-coverage.ts";
import type { JobListener } from "#cli/thread/serve-job.ts";
import { loadHistory } from "#cli/train/load-history.ts";
import { renderScores } from "#cli/train/render-scores.ts";
import { scoredSpan } from "#cli/train/scored-span.ts";
import type { TrainResult } from "#cli/train/train-job.ts";
import type { EvaluateOptions } from "#cli/train/train-options.ts";
import { hourIso } from "#domain/prediction/hours.ts";
import { WINDOWS_HOURS } from "#domain/prediction/settings.ts";
import { backTest } from "#predictor/evaluation/back-test.ts";
import { scoreVolumes } from "#predictor/evaluation/score-volumes.ts";
import { BUILT_IN } from "#predictor/models/artefact.ts";
import { createModel } from "#predictor/models/registry.ts";
import { assertSeveralRegions, rttMatrix } from "#predictor/training/train-candidate.ts";
import { ACTIVE_HOURS } from "#predictor/training/train-models.ts";

const WIDTH = 100;

/** Scores a model on a log beside the one that came with the release and the best reactive rule. @throws LogError, UsageError, OperatingError */
export async function evaluateOn(
	{ log, model: artefact = BUILT_IN, scoreFrom, outside, json }: EvaluateOptions,
	nowMs: number,
	listener: JobListener,
): Promise<TrainResult> {
	const rttMs = rttMatrix(log.regions, log.rttFile === undefined ? undefined : readRttFile(log.rttFile));
	const { history, rows, rowsSkipped } = await loadHistory(log, nowMs, listener);
	assertSeveralRegions(history);
	const scored = createModel(artefact.parameters);
	const windowsHours = scored.windowsHours ?? WINDOWS_HOURS;
	const { span, overlapsTraining, note } = scoredSpan(history, artefact, scoreFrom, Math.max(...windowsHours));
	const { candidate, current, reactive } = backTest(history, scored, BUILT_IN, {
		windowsHours: WINDOWS_HOURS,
		span,
		rttMs,
		outside,
		onProgress: (hours) => listener.onProgress(`scoring ${artefact.name} (${hours} h)`),
	});
	const coverage = windowsHours.map((hours) => [`${hours}h`, scoreVolumes(history, hours, scored, ACTIVE_HOURS, span)] as const);
	const own = [artefact.name, candidate] as const;
	const others = [
		[current.name, current.scores],
		[`${reactive.name}, best reactive`, reactive.scores],
	] as const;
	const scoredFrom = hourIso(span.fromHour);
	const found = { model: artefact.name, rows, rowsSkipped, scoredFrom, overlapsTraining, scores: candidate, current, reactive };
	return {
		files: json === undefined ? [] : [[json, { ...found, coverage: Object.fromEntries(coverage) }]],
		lines: [
			describeRows(rows, rowsSkipped),
			...(note === undefined ? [] : [note]),
			"",
			...renderScores(artefact.name === BUILT_IN.name ? [own, ...others.slice(1)] : [own, ...others]),
			"",
			...renderCoverage(coverage, WIDTH),
		],
	};
}

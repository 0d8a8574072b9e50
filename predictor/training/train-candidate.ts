import type { RegionId } from "#domain/geography/region-id.ts";
import { createRttTable, type RttMatrix } from "#domain/geography/round-trip-time.ts";
import type { HourCount } from "#domain/prediction/feature-state.ts";
import { hourIso } from "#domain/prediction/hours.ts";
import type { Evaluation, Scores } from "#domain/prediction/training/evaluation.ts";
import { OperatingError } from "#domain/shared/errors.ts";
import { backTest } from "#predictor/evaluation/back-test.ts";
import { labelledWindows } from "#predictor/evaluation/labelled-windows.ts";
import type { ModelArtefact } from "#predictor/models/artefact.ts";
import { createModel } from "#predictor/models/registry.ts";
import { fitPool } from "#predictor/training/fit-pool.ts";
import { FIT_SETTINGS } from "#predictor/training/fit-weights.ts";

export interface TrainingInput {
	/** Of the candidate. */
	readonly name: string;
	readonly regions: readonly RegionId[];
	readonly windowsHours: readonly number[];
	/** Newest days that are not trained on, but judged by. */
	readonly heldOutDays: number;
	/** What the candidate is held against. */
	readonly current: ModelArtefact;
	readonly rttMatrix?: RttMatrix | undefined;
	readonly epochs?: number;
	readonly seed?: number;
}

export interface TrainedCandidate {
	readonly artefact: ModelArtefact;
	readonly evaluation: Evaluation;
}

const HOURS_PER_DAY = 24;
/** The share of the log from its beginning that only fills the counts: forecasts from nothing teach nothing. */
const WARM_UP_SHARE = 0.1;

/**
 * Trains a pool on all but the newest days and scores it, the model in use and reactive rules on those.
 *
 * @param counts ascending by hour
 * @throws OperatingError `training.too-short`, `training.one-region`: what is wrong with the log and what would be right
 */
export function trainCandidate(counts: readonly HourCount[], input: TrainingInput): TrainedCandidate {
	const { name, regions, windowsHours, heldOutDays, current } = input;
	const span = spanOf(counts, windowsHours, heldOutDays);
	const options = { regions, windowsHours };
	const start = current.parameters.model === "pool" ? current.parameters : undefined;
	const fitted = fitPool(labelledWindows(counts, { ...options, fromHour: span.warmHour, toHour: span.heldOutHour }), start, {
		...FIT_SETTINGS,
		...(input.epochs === undefined ? {} : { epochs: input.epochs }),
		...(input.seed === undefined ? {} : { seed: input.seed }),
	});
	const rtt = createRttTable(regions, input.rttMatrix);
	const rttMs = regions.map((from) => regions.map((to) => rtt(from, to)));
	const held = labelledWindows(counts, { ...options, fromHour: span.heldOutHour, toHour: span.endHour });
	const { candidate, current: inUse, reactive, baselines } = backTest(held, createModel(fitted.parameters), current, rttMs);
	const trainedOn = counts.filter(({ hour }) => hour < span.heldOutHour);
	const artefact: ModelArtefact = {
		format: "heliotrope-model",
		formatVersion: 1,
		name,
		parameters: fitted.parameters,
		trained: {
			from: hourIso(span.firstHour),
			to: hourIso(span.heldOutHour),
			accesses: trainedOn.reduce((sum, { count }) => sum + count, 0),
			partitions: new Set(trainedOn.map(({ partition }) => partition)).size,
			windows: fitted.windows,
		},
		metrics: metricsOf(candidate),
		baselines: Object.fromEntries(Object.entries(baselines).map(([baseline, scores]) => [baseline, metricsOf(scores)])),
	};
	const heldOut = {
		from: hourIso(span.heldOutHour),
		to: hourIso(span.endHour),
		accesses: counts.reduce((sum, { hour, count }) => sum + (hour < span.heldOutHour ? 0 : count), 0),
	};
	return { artefact, evaluation: { heldOut, candidate, current: inUse, reactive } };
}

/** Where the log begins, where the counts are warm, where what is held out begins, and where it ends (exclusive). */
function spanOf(counts: readonly HourCount[], windowsHours: readonly number[], heldOutDays: number) {
	const firstHour = counts[0]?.hour ?? 0;
	// windows and what is held out end with a day, as training sets do
	const endHour = Math.ceil(((counts.at(-1)?.hour ?? 0) + 1) / HOURS_PER_DAY) * HOURS_PER_DAY;
	const longest = Math.max(...windowsHours);
	// whole windows of the longest kind, and at least one
	const heldOutHours = Math.max(longest, Math.floor((heldOutDays * HOURS_PER_DAY) / longest) * longest);
	const heldOutHour = endHour - heldOutHours;
	const warmHour = firstHour + Math.ceil((heldOutHour - firstHour) * WARM_UP_SHARE);
	const days = ((endHour - firstHour) / HOURS_PER_DAY).toFixed(1);
	const needed = Math.ceil((heldOutHours + longest) / HOURS_PER_DAY / (1 - WARM_UP_SHARE));
	if (heldOutHour - warmHour < longest)
		throw refused("training.too-short", `the log spans ${days} days; windows of ${longest} h and what is held out need ${needed}`);
	if (new Set(counts.map(({ region }) => region)).size < 2)
		throw refused(
			"training.one-region",
			"all accesses come from one region: there is nothing to forecast; give a log of viewers in several",
		);
	return { firstHour, warmHour, heldOutHour, endHour };
}

const refused = (code: string, message: string): OperatingError => new OperatingError(message, { code, retryable: false });

const metricsOf = (scores: Scores): NonNullable<ModelArtefact["metrics"]> =>
	Object.fromEntries(
		Object.entries(scores).map(([window, { windows, logLoss, brier, ece }]) => [window, { windows, logLoss, brier, ece }]),
	);

import type { RegionId } from "#domain/geography/region-id.ts";
import { createRttTable, type RttMatrix } from "#domain/geography/round-trip-time.ts";
import { HOURS_PER_DAY, hourIso } from "#domain/prediction/hours.ts";
import { LEAD_HOURS } from "#domain/prediction/settings.ts";
import type { Evaluation, Scores } from "#domain/prediction/training/evaluation.ts";
import { OperatingError } from "#domain/shared/errors.ts";
import { backTest } from "#predictor/evaluation/back-test.ts";
import { type AccessHistory, lowerBound } from "#predictor/features/history.ts";
import { ARTEFACT_FORMAT_VERSION, BUILT_IN, type ModelArtefact } from "#predictor/models/artefact.ts";
import { createModel } from "#predictor/models/registry.ts";
import { trainPool } from "#predictor/training/train-models.ts";

export interface TrainingInput {
	/** Of the candidate. */
	readonly name: string;
	readonly windowsHours: readonly number[];
	/** Newest days that are not trained on, but judged by. */
	readonly heldOutDays: number;
	/** What the candidate is held against. */
	readonly current: ModelArtefact;
	readonly rttMatrix?: RttMatrix | undefined;
	readonly epochs?: number;
	readonly seed?: number;
	/** Told what is being done. */
	readonly onProgress?: (phase: string) => void;
}

export interface TrainedCandidate {
	readonly artefact: ModelArtefact;
	readonly evaluation: Evaluation;
}

/** The share of the log from its beginning that only fills the counts: forecasts from nothing teach nothing. */
const WARM_UP_SHARE = 0.1;

/**
 * Trains a pool on all but the newest days and scores it, the model in use and reactive rules on those. A retraining begins at the weights
 * in use; the model that came with the release knows a made-up world and is no beginning.
 *
 * @throws OperatingError `training.too-short`, `training.one-region`: what is wrong with the log and what would be right
 */
export function trainCandidate(history: AccessHistory, input: TrainingInput): TrainedCandidate {
	const { name, windowsHours, heldOutDays, current, epochs, seed, onProgress = () => undefined } = input;
	const span = spanOf(history, windowsHours, heldOutDays);
	assertSeveralRegions(history);
	const start = current.parameters.model === "pool" && current.name !== BUILT_IN.name ? current.parameters : undefined;
	const trainedOn = { fromHour: span.warmHour, toHour: span.heldOutHour };
	const trained = trainPool(history, trainedOn, {
		...{ windowsHours, start, epochs, seed },
		onProgress: (hours) => onProgress(`training (${hours} h)`),
	});
	const tested = backTest(history, createModel(trained.parameters), current, {
		windowsHours,
		// the first window begins where the held-out hours do
		span: { fromHour: span.heldOutHour - LEAD_HOURS, toHour: span.endHour },
		rttMs: rttMatrix(history.regions, input.rttMatrix),
		onProgress: (hours) => onProgress(`scoring (${hours} h)`),
	});
	const { candidate, current: inUse, reactive, baselines } = tested;
	const heldOutCell = lowerBound(history.cells.hour, span.heldOutHour);
	const accesses = history.cells.count.subarray(0, heldOutCell).reduce((sum, count) => sum + count, 0);
	const artefact: ModelArtefact = {
		format: "heliotrope-model",
		formatVersion: ARTEFACT_FORMAT_VERSION,
		name,
		parameters: trained.parameters,
		trained: {
			from: hourIso(span.firstHour),
			to: hourIso(span.heldOutHour),
			accesses,
			partitions: new Set(history.cells.partition.subarray(0, heldOutCell)).size,
			windows: trained.windows,
		},
		metrics: metricsOf(candidate),
		baselines: Object.fromEntries(Object.entries(baselines).map(([baseline, scores]) => [baseline, metricsOf(scores)])),
	};
	const heldOut = { from: hourIso(span.heldOutHour), to: hourIso(span.endHour), accesses: history.volume - accesses };
	return { artefact, evaluation: { heldOut, candidate, current: inUse, reactive } };
}

/** @throws OperatingError `training.one-region` */
export function assertSeveralRegions({ cells }: AccessHistory): void {
	if (new Set(cells.region).size < 2)
		throw refused(
			"training.one-region",
			"all accesses come from one region: there is nothing to forecast; give a log of viewers in several",
		);
}

/** Round-trip times in ms, one number a region after another, viewer first. */
export function rttMatrix(regions: readonly RegionId[], measured: RttMatrix | undefined): Float64Array {
	const rtt = createRttTable(regions, measured);
	return Float64Array.from(regions.flatMap((from) => regions.map((to) => rtt(from, to))));
}

/** Where the log begins, where the counts are warm, where what is held out begins, and where it ends (exclusive). */
function spanOf({ cells }: AccessHistory, windowsHours: readonly number[], heldOutDays: number) {
	const firstHour = cells.hour[0] ?? 0;
	// windows and what is held out end with a day, as training sets do
	const endHour = Math.ceil(((cells.hour.at(-1) ?? 0) + 1) / HOURS_PER_DAY) * HOURS_PER_DAY;
	const longest = Math.max(...windowsHours);
	// one window of the longest kind at least
	const heldOutHours = Math.max(longest, Math.round(heldOutDays * HOURS_PER_DAY));
	const heldOutHour = endHour - heldOutHours;
	const warmHour = firstHour + warmUpHours(heldOutHour - firstHour);
	const days = ((endHour - firstHour) / HOURS_PER_DAY).toFixed(1);
	const needed = Math.ceil((heldOutHours + leastTrainingHours(longest)) / HOURS_PER_DAY);
	if (heldOutHour - warmHour < longest + LEAD_HOURS)
		throw refused("training.too-short", `the log spans ${days} days; windows of ${longest} h and what is held out need ${needed}`);
	return { firstHour, warmHour, heldOutHour, endHour };
}

const warmUpHours = (hours: number): number => Math.ceil(hours * WARM_UP_SHARE);

/** Hours before what is held out without which no window is trained on. */
function leastTrainingHours(windowHours: number): number {
	let hours = windowHours + LEAD_HOURS;
	while (hours - warmUpHours(hours) < windowHours + LEAD_HOURS) hours += 1;
	return hours;
}

const refused = (code: string, message: string): OperatingError => new OperatingError(message, { code, retryable: false });

const metricsOf = (scores: Scores): NonNullable<ModelArtefact["metrics"]> =>
	Object.fromEntries(
		Object.entries(scores).map(([window, { windows, logLoss, brier, ece }]) => [window, { windows, logLoss, brier, ece }]),
	);

import { LEAD_HOURS } from "#domain/prediction/settings.ts";
import type { AccessHistory } from "#predictor/features/history.ts";
import { Calibrator } from "#predictor/models/calibration.ts";
import { type GatedWeights, PoolMixer } from "#predictor/models/gated-pool.ts";
import { type PoolArtefact, toArtefact, type WindowModel, weightsOf } from "#predictor/models/pool.ts";
import { type CollectedWindows, collectVolumes, collectWindows, type TrainingSpan } from "#predictor/training/collect-windows.ts";
import { FIT_SETTINGS, fitGatedPool } from "#predictor/training/fit-gated-pool.ts";
import { fitVolume } from "#predictor/training/fit-volume.ts";

/** Hours after its last access for which a partition is forecast: what is older is expected so rarely that nothing pays. */
export const ACTIVE_HOURS = 500;
/** The share of the windows from the beginning that says nothing of calibration: counts are young there. */
const CALIBRATED_FROM = 2 / 3;
/** What a window counts that the weights were fitted to, against one that they were not: it flatters them. */
const IN_SAMPLE_WEIGHT = 0.1;

export interface TrainOptions {
	readonly windowsHours: readonly number[];
	/** The pool that the fit begins at, where it has the window. @default all experts alike */
	readonly start?: PoolArtefact | undefined;
	readonly epochs?: number | undefined;
	readonly seed?: number | undefined;
	/** Told of each window before its training. */
	readonly onProgress?: (windowHours: number) => void;
}

/** A pool fitted to windows of every length, and how many there were. */
export interface TrainedPool {
	readonly parameters: PoolArtefact;
	/** Window in hours -> windows with accesses that it learned from. */
	readonly windows: Readonly<Record<string, number>>;
}

/** Trains the models of all windows on a span of a history, and on nothing else of it. */
export function trainPool(history: AccessHistory, span: TrainingSpan, options: TrainOptions): TrainedPool {
	const { windowsHours, start, epochs = FIT_SETTINGS.epochs, seed = FIT_SETTINGS.seed, onProgress = () => undefined } = options;
	const sizes: [string, number][] = [];
	const models = windowsHours.map((windowHours): WindowModel => {
		onProgress(windowHours);
		const windows = collectWindows(history, windowHours, span);
		const volumes = collectVolumes(history, windowHours, ACTIVE_HOURS, span);
		sizes.push([String(windowHours), windows.size]);
		const pool = fitGatedPool(windows, { ...FIT_SETTINGS, epochs, seed }, start === undefined ? undefined : weightsOf(start, windowHours));
		return { windowHours, pool, volume: fitVolume(volumes, windowHours, seed), calibration: calibrate(windows, windowHours, pool) };
	});
	return { parameters: toArtefact(models), windows: Object.fromEntries(sizes) };
}

/** What the newest windows say of the pool's calibration, in the order in which they end. */
function calibrate(
	{ size, experts, regions, forecasts, outcomes, contexts, hours }: CollectedWindows,
	windowHours: number,
	pool: GatedWeights,
) {
	const calibrator = new Calibrator();
	const mixer = new PoolMixer(regions);
	const forecast = new Float64Array(regions);
	const [first = 0, last = 0] = [hours[0], (hours.at(-1) ?? 0) + LEAD_HOURS + windowHours];
	for (let window = 0; window < size; window += 1) {
		if ((hours[window] ?? 0) < first + (last - first) * CALIBRATED_FROM) continue;
		mixer.mix(forecasts, window * experts * regions, pool, contexts[window] ?? 0, forecast);
		calibrator.addOutcome(forecast, outcomes.subarray(window * regions, (window + 1) * regions));
	}
	return calibrator.sums().map((sum) => sum * IN_SAMPLE_WEIGHT);
}

import { fitGatedPool } from "#predictor/columns/fit-gated-pool.ts";
import type { GatedWeights } from "#predictor/columns/gated-pool.ts";
import { fitVolume } from "#predictor/columns/volume.ts";
import { collectVolumes, collectWindows, type TrainingSpan } from "#replay/engine/predictive/collect-windows.ts";
import type { Trace } from "#replay/engine/trace.ts";

/** The windows that are forecast, in hours: hours for the leader, a day, a week for the set. */
export const WINDOWS = { short: 6, day: 24, long: 168 } as const;
export type WindowName = keyof typeof WINDOWS;

/** Hours after its last access for which a partition is forecast: what is older is expected so rarely that nothing pays. */
export const ACTIVE_HOURS = 500;

/** What one window's forecasts are made with. */
export interface WindowModel {
	readonly windowHours: number;
	readonly pool: GatedWeights;
	/** Weights of the expected number of accesses. */
	readonly volume: Float64Array;
	/** Windows with accesses that the pool learned from. */
	readonly trainedOn: number;
}
export type Models = Readonly<Record<WindowName, WindowModel>>;

/** Trains the models of all windows on a span of the log, and on nothing else of it. */
export function trainModels(trace: Trace, span: TrainingSpan, onProgress: (window: WindowName) => void = () => undefined): Models {
	const train = (name: WindowName): WindowModel => {
		onProgress(name);
		const windowHours = WINDOWS[name];
		const windows = collectWindows(trace, windowHours, span);
		const volumes = collectVolumes(trace, windowHours, ACTIVE_HOURS, span);
		return { windowHours, pool: fitGatedPool(windows), volume: fitVolume(volumes, windowHours), trainedOn: windows.size };
	};
	return { short: train("short"), day: train("day"), long: train("long") };
}

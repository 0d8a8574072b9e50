import type { LabelledWindow } from "#predictor/evaluation/labelled-windows.ts";
import { EXPERTS, expertForecasts } from "#predictor/models/experts.ts";
import type { PoolArtefact } from "#predictor/models/pool.ts";
import {
	type Example,
	evenWeights,
	FIT_SETTINGS,
	type FitSettings,
	fitWeights,
	type PoolWeights,
} from "#predictor/training/fit-weights.ts";

/** A pool fitted to windows of every length that occurs, and how many there were. */
export interface FittedPool {
	readonly parameters: PoolArtefact;
	/** Window in hours -> windows it was fitted to. */
	readonly windows: Readonly<Record<string, number>>;
}

/**
 * Fits the weights of the expert pool, window length by window length.
 *
 * @param start the pool that the fit begins at, where it has the window; else all experts alike
 */
export function fitPool(
	windows: Iterable<LabelledWindow>,
	start: PoolArtefact | undefined,
	settings: FitSettings = FIT_SETTINGS,
): FittedPool {
	const startOf = (hours: number): PoolWeights => start?.windows[hours] ?? evenWeights(EXPERTS.length);
	const examples = new Map<number, Example[]>();
	for (const { windowHours, features, global, outcome } of windows) {
		const list = examples.get(windowHours) ?? [];
		examples.set(windowHours, list);
		list.push({ forecasts: expertForecasts(features, global, windowHours), outcome });
	}
	const fitted = [...examples].map(([hours, list]) => [hours, fitWeights(list, startOf(hours), settings)] as const);
	return {
		parameters: { model: "pool", version: 1, experts: [...EXPERTS], windows: Object.fromEntries(fitted) },
		windows: Object.fromEntries([...examples].map(([hours, list]) => [String(hours), list.length])),
	};
}

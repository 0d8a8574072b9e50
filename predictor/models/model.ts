import type { GlobalFeatures, PartitionFeatures } from "#domain/prediction/forecast-request.ts";

/** One model: pure, from features to a distribution. Training, serving and replay use the same one. */
export interface Model {
	/** Horizons it can forecast, in hours; undefined means any. */
	readonly windowsHours: readonly number[] | undefined;
	/** Probabilities in the order of the features' regions: at least 1e-4 each, sum 1. */
	predict(features: PartitionFeatures, global: GlobalFeatures, windowHours: number): number[];
}

import type { GlobalFeatures, PartitionFeatures } from "#domain/prediction/forecast-request.ts";
import { normalise, shrink } from "#predictor/models/distribution.ts";

/** The experts in the order of every weight vector. */
export const EXPERTS = ["g1d", "par14d", "own1d", "own14d", "own365d", "recent", "tilt"] as const;

/** The least activity that the tilt believes of a region. */
const LEAST_ACTIVITY = 0.02;

/** The priors below the experts: the global distribution and the parent's, from long memory. */
export function priors(features: PartitionFeatures, global: GlobalFeatures) {
	const flat = global.g365d.map(() => 1 / global.g365d.length);
	const g1y = shrink(global.g365d, flat, flat.length);
	const g14 = shrink(global.g14d, g1y, 5);
	const par1y = shrink(features.a365d, g14, 3);
	return { g14, par1y };
}

/** Each expert's distribution over regions, in the order of `EXPERTS`. Every one sums to 1 and has no zero but from the tilt's product. */
export function expertForecasts(features: PartitionFeatures, global: GlobalFeatures, windowHours: number): readonly number[][] {
	const { g14, par1y } = priors(features, global);
	const activity = global.activity[windowHours] ?? [];
	const own60d = shrink(features.e60d, par1y, 1);
	return [
		shrink(global.g1d, g14, 5),
		shrink(features.a14d, par1y, 3),
		shrink(features.e1d, par1y, 1),
		shrink(features.e14d, par1y, 1),
		shrink(features.e365d, par1y, 1),
		shrink(features.recent, par1y, 0.5),
		normalise(own60d.map((share, index) => share * Math.max(LEAST_ACTIVITY, activity[index] ?? 1))),
	];
}

import { z } from "zod";
import { floored, normalise, softmax } from "#predictor/models/distribution.ts";
import { EXPERTS, expertForecasts } from "#predictor/models/experts.ts";
import type { Model } from "#predictor/models/model.ts";

const perExpert = z.array(z.number()).length(EXPERTS.length).readonly();

/** The weights of one pool a window. */
export const poolArtefactSchema = z.strictObject({
	model: z.literal("pool"),
	version: z.literal(1),
	/** Must name the experts of this release in their order: weights of other experts mean something else. */
	experts: z.tuple([
		z.literal("g1d"),
		z.literal("par14d"),
		z.literal("own1d"),
		z.literal("own14d"),
		z.literal("own365d"),
		z.literal("recent"),
		z.literal("tilt"),
	]),
	/** Window in hours -> weights in the order of `experts`. */
	windows: z
		.record(
			z.string().regex(/^\d+$/),
			z.strictObject({ linear: perExpert.refine((w) => w.every((v) => v >= 0), "no negative share"), log: perExpert }),
		)
		.refine((windows) => Object.keys(windows).length > 0, "at least one window"),
});
export type PoolArtefact = z.infer<typeof poolArtefactSchema>;

/** The mean of a linear and a logarithmic pool of the experts. */
export function createPool(artefact: PoolArtefact): Model {
	return {
		windowsHours: Object.keys(artefact.windows).map(Number),
		predict(features, global, windowHours) {
			const weights = artefact.windows[windowHours];
			if (weights === undefined) throw new RangeError(`the pool has no weights for ${windowHours} h`);
			const forecasts = expertForecasts(features, global, windowHours);
			const linear = linearPool(forecasts, normalise(weights.linear));
			const logarithmic = logarithmicPool(forecasts, weights.log);
			return floored(linear.map((share, index) => (share + (logarithmic[index] ?? 0)) / 2));
		},
	};
}

/** `sum w_k P_k` */
export const linearPool = (forecasts: readonly (readonly number[])[], weights: readonly number[]): number[] =>
	combine(forecasts, weights, (share) => share);

/** `softmax(sum beta_k ln P_k)` */
export const logarithmicPool = (forecasts: readonly (readonly number[])[], betas: readonly number[]): number[] =>
	softmax(combine(forecasts, betas, (share) => Math.log(Math.max(share, Number.MIN_VALUE))));

function combine(forecasts: readonly (readonly number[])[], weights: readonly number[], of: (share: number) => number): number[] {
	const regions = forecasts[0]?.length ?? 0;
	return Array.from({ length: regions }, (_, region) =>
		forecasts.reduce((total, forecast, expert) => total + (weights[expert] ?? 0) * of(forecast[region] ?? 0), 0),
	);
}

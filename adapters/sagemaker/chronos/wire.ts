import * as z from "zod";

/**
 * The JSON of the Chronos-2 JumpStart endpoint, as far as it is used.
 *
 * @see https://github.com/amazon-science/chronos-forecasting notebooks/deploy-chronos-to-amazon-sagemaker.ipynb
 */
export const MAX_SERIES = 1000;
export const MAX_PREDICTION_LENGTH = 1024;
/** A series with fewer than five observations is an error of the endpoint; forecasts from fewer than these are not recommended. */
export const RECOMMENDED_OBSERVATIONS = 30;

/** Quantiles asked for: the ends of an 80 % interval. */
export const QUANTILES = [0.1, 0.9] as const;

/** One univariate series. */
export interface ChronosSeries {
	/** One count an hour, oldest first. */
	readonly target: readonly number[];
	readonly item_id: string;
	/** `2024-01-01T00:00:00`: of the first hour, UTC; goes together with `freq`. */
	readonly start: string;
}

export interface ChronosRequest {
	readonly inputs: readonly ChronosSeries[];
	readonly parameters: {
		readonly prediction_length: number;
		readonly quantile_levels: readonly number[];
		readonly freq: "1h";
	};
}

const values = z.array(z.number()).readonly();
export const chronosResponseSchema = z.looseObject({
	predictions: z.array(z.looseObject({ mean: values, "0.1": values, "0.9": values, item_id: z.string().optional() })).readonly(),
});
export type ChronosPrediction = z.infer<typeof chronosResponseSchema>["predictions"][number];

/** More accesses of a partition from one region in an hour than there are. */
const MOST_ACCESSES = 1e12;
/** By which quantiles of next to nothing may cross: endpoints count in 32 bits. */
const ROUNDING = 1e-6;

/** Whether a prediction is one of so many hours, in numbers that accesses can have, the low quantile below the high one. */
export function isSensible(prediction: ChronosPrediction, predictionLength: number): boolean {
	const { mean, "0.1": low, "0.9": high } = prediction;
	return (
		[mean, low, high].every((hours) => hours.length === predictionLength && hours.every((value) => Math.abs(value) <= MOST_ACCESSES)) &&
		low.every((value, hour) => value - (high[hour] ?? 0) <= ROUNDING * Math.max(1, Math.abs(value)))
	);
}

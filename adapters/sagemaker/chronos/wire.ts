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

/** Quantiles asked for: the ends and the middle of an 80 % interval. */
export const QUANTILES = [0.1, 0.5, 0.9] as const;

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
	predictions: z
		.array(z.looseObject({ mean: values, "0.1": values, "0.5": values, "0.9": values, item_id: z.string().optional() }))
		.readonly(),
});
export type ChronosPrediction = z.infer<typeof chronosResponseSchema>["predictions"][number];

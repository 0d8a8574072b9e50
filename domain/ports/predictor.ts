import type { ForecastRequest } from "#domain/prediction/forecast-request.ts";
import type { PredictionVector } from "#domain/prediction/prediction-vector.ts";

/** The model, wherever it is served. */
export interface Predictor {
	/**
	 * One vector a partition and window, partitions first, in the order of the request.
	 *
	 * @throws UnavailableError when a retry may help; OperatingError `model.refused` when the model rejects the request or answers nonsense
	 */
	forecast(request: ForecastRequest): Promise<readonly PredictionVector[]>;
}

import type { Forecast, ForecastRequest } from "#domain/prediction/forecast-request.ts";

/** The model, wherever it is served. */
export interface Predictor {
	/**
	 * One vector a partition and window, partitions first, in the order of the request.
	 *
	 * @throws UnavailableError when a retry may help; OperatingError `model.refused` when the model rejects the request or answers nonsense
	 */
	forecast(request: ForecastRequest): Promise<Forecast>;
}

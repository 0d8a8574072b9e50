import type { ForecastRequest, PartitionFeatures } from "#domain/prediction/forecast-request.ts";
import type { PredictionVector } from "#domain/prediction/prediction-vector.ts";
import { sum } from "#predictor/models/distribution.ts";
import { expectedAccesses } from "#predictor/models/expected-accesses.ts";
import { jointOf } from "#predictor/models/joint.ts";
import type { Model } from "#predictor/models/model.ts";

/** One vector a partition and window, partitions first; what the model container answers, and what replay calls directly. */
export function forecast(model: Model, request: ForecastRequest): readonly PredictionVector[] {
	return request.partitions.flatMap((features) => request.windowHours.map((hours) => forecastOne(model, request, features, hours)));
}

function forecastOne(model: Model, request: ForecastRequest, features: PartitionFeatures, windowHours: number): PredictionVector {
	const probabilities = model.predict(features, request.global, windowHours);
	const { segments = {} } = features;
	return {
		partition: features.partition,
		madeAtMs: request.madeAtMs,
		windowHours,
		regions: request.regions,
		probabilities,
		...(Object.keys(segments).length === 0 ? {} : { joint: jointOf(probabilities, segments, features.e14d) }),
		expectedAccesses: expectedAccesses(features, windowHours),
		effectiveCount: sum(features.e60d),
	};
}

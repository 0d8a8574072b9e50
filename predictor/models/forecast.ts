import type { ForecastRequest, PartitionFeatures } from "#domain/prediction/forecast-request.ts";
import type { PredictionVector } from "#domain/prediction/prediction-vector.ts";
import { floored, shrink, sum } from "#predictor/models/distribution.ts";
import { expectedAccesses } from "#predictor/models/expected-accesses.ts";
import type { Model } from "#predictor/models/model.ts";

/** A segment's own accesses weigh against the partition's forecast as if that were one access. */
const SEGMENT_PRIOR = 1;

/** One vector a partition and window, partitions first; what the model container answers, and what replay calls directly. */
export function forecast(model: Model, request: ForecastRequest): readonly PredictionVector[] {
	return request.partitions.flatMap((features) => request.windowHours.map((hours) => forecastOne(model, request, features, hours)));
}

function forecastOne(model: Model, request: ForecastRequest, features: PartitionFeatures, windowHours: number): PredictionVector {
	const probabilities = model.predict(features, request.global, windowHours);
	const segments = Object.entries(features.segments ?? {});
	const bySegment = segments.map(([segment, counts]) => [segment, floored(shrink(counts, probabilities, SEGMENT_PRIOR))] as const);
	return {
		partition: features.partition,
		madeAtMs: request.madeAtMs,
		windowHours,
		regions: request.regions,
		probabilities,
		...(bySegment.length === 0 ? {} : { bySegment: Object.fromEntries(bySegment) }),
		expectedAccesses: expectedAccesses(features, windowHours),
		effectiveCount: sum(features.e60d),
	};
}

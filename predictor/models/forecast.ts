import type { Forecast, ForecastRequest, ForecastResponse } from "#domain/prediction/forecast-request.ts";
import { hourOf } from "#domain/prediction/hours.ts";
import type { HourlyOutlook } from "#domain/prediction/outlook.ts";
import { pack } from "#domain/prediction/packed-numbers.ts";
import type { PredictionVector } from "#domain/prediction/prediction-vector.ts";
import { LEAD_HOURS, OUTLOOK_HOURS, OUTLOOK_LEAST_ACCESSES } from "#domain/prediction/settings.ts";
import type { FeatureColumns } from "#predictor/features/feature-columns.ts";
import { columnsOf } from "#predictor/features/request-columns.ts";
import { ExpertColumns } from "#predictor/models/expert-columns.ts";
import type { Model } from "#predictor/models/model.ts";
import { OutlookMaker } from "#predictor/models/outlook.ts";
import { VectorMaker } from "#predictor/models/vector-maker.ts";

/** What the model says of a request; what the model container answers. @throws InvalidStateError */
export function forecast(model: Model, request: ForecastRequest): Forecast {
	const columns = columnsOf(request);
	return forecastColumns(model, columns, request);
}

/** The same of columns that hold what the request's partitions remember, in their order. */
export function forecastColumns(model: Model, columns: FeatureColumns, request: Omit<ForecastRequest, "global" | "parents">): Forecast {
	const { regions, partitions, windowHours, madeAtMs } = request;
	const experts = new ExpertColumns(columns);
	experts.begin(hourOf(madeAtMs));
	const maker = new VectorMaker(model, experts, request);
	const outlook = request.outlooks === true ? new OutlookMaker(model, experts) : undefined;
	const vectors: PredictionVector[] = [];
	const outlooks = new Map<PredictionVector["partition"], HourlyOutlook>();
	partitions.forEach(({ partition }, slot) => {
		experts.select(slot);
		const segments = columns.own.segments.of(slot);
		for (const hours of windowHours) vectors.push(maker.make(partition, hours, segments));
		const accesses = new Float32Array(outlook === undefined ? 0 : OUTLOOK_HOURS * regions.length);
		if (outlook !== undefined && outlook.fill(accesses, 0, OUTLOOK_LEAST_ACCESSES) >= OUTLOOK_LEAST_ACCESSES)
			outlooks.set(partition, { fromHour: experts.hour + LEAD_HOURS, accesses });
	});
	return { vectors, outlooks };
}

/** A forecast as JSON carries it. */
export const toResponse = ({ vectors, outlooks }: Forecast): ForecastResponse => ({
	predictions: vectors,
	...(outlooks.size === 0
		? {}
		: {
				outlooks: Object.fromEntries(
					[...outlooks].map(([partition, { fromHour, accesses }]) => [partition, { fromHour, accesses: pack(accesses) }]),
				),
			}),
});

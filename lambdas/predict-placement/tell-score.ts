import { type Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import type { ForecastScore } from "#domain/prediction/score-forecast.ts";
import { Told } from "#infra/description/told-metrics.ts";

/** What a shard's forecasts came to, with the metrics of the invocation. Nothing came: nothing is told. */
export function tellScore(metrics: Pick<Metrics, "addMetric">, { accesses, logLoss, entropy, confidence, hits }: ForecastScore): void {
	if (accesses === 0) return;
	metrics.addMetric(Told.ForecastsScored.name, MetricUnit.Count, accesses);
	metrics.addMetric(Told.ForecastLogLoss.name, MetricUnit.NoUnit, logLoss);
	metrics.addMetric(Told.ForecastEntropy.name, MetricUnit.NoUnit, entropy);
	metrics.addMetric(Told.ForecastConfidence.name, MetricUnit.NoUnit, confidence);
	metrics.addMetric(Told.ForecastHits.name, MetricUnit.Count, hits);
}

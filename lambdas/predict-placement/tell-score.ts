import type { ForecastScore } from "#domain/prediction/score-forecast.ts";
import { Told } from "#infra/description/told-metrics.ts";
import { MetricUnit, tell } from "#lambdas/shared/tell.ts";

/** What a shard's forecasts came to. Nothing came: nothing is told. */
export function tellScore({ accesses, logLoss, entropy, confidence, hits }: ForecastScore): void {
	if (accesses === 0) return;
	tell(Told.ForecastsScored, MetricUnit.Count, accesses);
	tell(Told.ForecastLogLoss, MetricUnit.NoUnit, logLoss);
	tell(Told.ForecastEntropy, MetricUnit.NoUnit, entropy);
	tell(Told.ForecastConfidence, MetricUnit.NoUnit, confidence);
	tell(Told.ForecastHits, MetricUnit.Count, hits);
}

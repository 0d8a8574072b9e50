import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import type { ToldMetric } from "#infra/description/told-metrics.ts";
import { metricNamespace } from "#infra/description/told-metrics.ts";

/** Writes one value of a metric at once, as a line of CloudWatch's embedded format, from wherever in a function it is known. */
export function tell({ name, dimensions }: ToldMetric, unit: (typeof MetricUnit)[keyof typeof MetricUnit], value: number): void {
	const { service = "", ...more } = dimensions;
	const metrics = new Metrics({ namespace: metricNamespace(process.env["STAGE"] ?? "unnamed"), serviceName: service });
	for (const [dimension, of] of Object.entries(more)) metrics.addDimension(dimension, of);
	metrics.addMetric(name, unit, value);
	metrics.publishStoredMetrics();
}

export { MetricUnit };

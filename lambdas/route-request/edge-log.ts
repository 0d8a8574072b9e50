import type { Logger } from "@aws-lambda-powertools/logger";
import { metricNamespace } from "#infra/description/told-metrics.ts";
import type { EdgeLog } from "#lambdas/route-request/interceptor.ts";

/**
 * What goes wrong at the edge, as a line and as a metric `EdgeProblems` by its code, in CloudWatch's embedded format: both in the region where the
 * function ran. What writes metrics is loaded with the first problem, so that a cold start does not wait for it.
 *
 * @param background runs what no answer waits for
 */
export function createEdgeLog(
	logger: Pick<Logger, "warn" | "error">,
	stage: string,
	background: (work: () => Promise<void>) => void,
): EdgeLog {
	const told = (level: "warn" | "error") => (code: string, fields: Readonly<Record<string, unknown>>) => {
		logger[level](code, { ...fields });
		background(() => count(stage, code));
	};
	return { warn: told("warn"), error: told("error") };
}

async function count(stage: string, code: string): Promise<void> {
	const { Metrics, MetricUnit } = await import("@aws-lambda-powertools/metrics");
	const metric = new Metrics({ namespace: metricNamespace(stage), serviceName: "route-request" }).singleMetric();
	metric.addDimension("code", code);
	metric.addMetric("EdgeProblems", MetricUnit.Count, 1);
}

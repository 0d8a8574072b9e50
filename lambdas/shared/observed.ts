import type { Logger } from "@aws-lambda-powertools/logger";
import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import { Metrics } from "@aws-lambda-powertools/metrics";
import { logMetrics } from "@aws-lambda-powertools/metrics/middleware";
import middy from "@middy/core";
import type { Context } from "aws-lambda";
import { metricNamespace } from "#infra/description/alarms.ts";
import { createLogger } from "#lambdas/shared/logger.ts";

/** All metrics of a deployment, which shares its account with others. */
const NAMESPACE = metricNamespace(process.env["STAGE"] ?? "unnamed");

export interface Observing {
	/** Lines bear the invocation's request id and function; secrets are taken out. */
	readonly logger: Logger;
	/** Written as one line of CloudWatch's embedded metric format when the invocation ends. */
	readonly metrics: Metrics;
}

/** A handler in the stack that all functions but those of the edge share: structured logs with the invocation's context, metrics in EMF. */
export function observed<Event, Result>(
	serviceName: string,
	run: (event: Event, observing: Observing) => Promise<Result>,
): (event: Event, context: Context) => Promise<Result> {
	const observing: Observing = { logger: createLogger(serviceName), metrics: new Metrics({ namespace: NAMESPACE, serviceName }) };
	return middy<Event, Result>()
		.use(injectLambdaContext(observing.logger, { resetKeys: true }))
		.use(logMetrics(observing.metrics))
		.handler((event: Event) => run(event, observing)) as (event: Event, context: Context) => Promise<Result>;
}

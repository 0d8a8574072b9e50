import type { Logger } from "@aws-lambda-powertools/logger";
import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import middy from "@middy/core";
import type { Context } from "aws-lambda";
import { metricNamespace } from "#infra/description/told-metrics.ts";
import { type LogLine, lineLog } from "#lambdas/shared/line-log.ts";
import { createLogger } from "#lambdas/shared/logger.ts";
import { publishing } from "#lambdas/shared/publishing.ts";
import { traced } from "#lambdas/shared/traced.ts";

const NAMESPACE = metricNamespace(process.env["STAGE"] ?? "unnamed");

export interface Observing {
	readonly serviceName: string;
	/** Lines bear the invocation's request id and function; secrets are taken out. */
	readonly logger: Logger;
	/** The logger for lines that are values: what is worth a line in the domain is one. */
	readonly log: LogLine;
	/** Written as lines of CloudWatch's embedded metric format. */
	readonly metrics: Metrics;
}

/** What a function is observed with, where its parts need it before the first event. One a function. */
export function observe(serviceName: string): Observing {
	const logger = createLogger(serviceName);
	return { serviceName, logger, log: lineLog(logger), metrics: new Metrics({ namespace: NAMESPACE, serviceName }) };
}

export interface ObservedOptions<Result> {
	/** Counts that a result comes to, by the name of the metric. */
	readonly counts?: (result: Result) => Readonly<Record<string, number>>;
	/** A dimension of all metrics of this handler, beside the service. */
	readonly dimension?: readonly [name: string, value: string];
	/**
	 * Metrics of several invocations go out together, at the latest with the first one after this time, in ms: for functions that are called
	 * all the time. An instance that ends keeps the last ones to itself. @default 0: with every invocation
	 */
	readonly publishEveryMs?: number;
}

type Run<Event, Result> = (event: Event, observing: Observing, context: Context) => Promise<Result>;

/**
 * A handler in the stack that all functions but those of the edge share: structured logs with the invocation's context, metrics in EMF, a
 * trace. An invocation runs until it ends or Lambda ends it: answering sooner, as middy would, leaves work behind that goes on in the next one.
 */
export function observed<Event, Result>(
	by: string | Observing,
	run: Run<Event, Result>,
	options: ObservedOptions<Result> = {},
): (event: Event, context: Context) => Promise<Result> {
	const observing = typeof by === "string" ? observe(by) : by;
	const { logger, metrics, serviceName } = observing;
	const { counts, dimension, publishEveryMs = 0 } = options;
	return middy<Event, Result>({ timeoutEarlyInMillis: 0 })
		.use(traced(serviceName))
		.use(injectLambdaContext(logger, { resetKeys: true }))
		.use(publishing(metrics, publishEveryMs))
		.handler(async (event: Event, context: Context) => {
			if (dimension !== undefined) metrics.addDimension(...dimension);
			const result = await run(event, observing, context);
			for (const [name, count] of Object.entries(counts?.(result) ?? {})) metrics.addMetric(name, MetricUnit.Count, count);
			return result;
		}) as (event: Event, context: Context) => Promise<Result>;
}

import { MetricUnit } from "@aws-lambda-powertools/metrics";
import type { APIGatewayProxyStructuredResultV2, LambdaFunctionURLEvent } from "aws-lambda";
import { createDeps } from "#lambdas/serve-data/create-deps.ts";
import { createDataPlane } from "#lambdas/serve-data/data-plane.ts";
import { observe, observed } from "#lambdas/shared/observed.ts";

const observing = observe("serve-data");
const deps = createDeps(process.env, observing.log);
const serve = createDataPlane(deps);

/** Requests go by in hundreds a second: their metrics go out together. */
const PUBLISH_EVERY_MS = 10_000;

/** The regional data plane behind a Lambda function URL (payload 2.0). */
export const handler = observed<LambdaFunctionURLEvent, APIGatewayProxyStructuredResultV2>(
	observing,
	async (event, { metrics }, context) => {
		const startedMs = deps.clock.nowMs();
		const result = await serve(event, context);
		metrics.addMetric("Requests", MetricUnit.Count, 1);
		metrics.addMetric("ServerErrors", MetricUnit.Count, Number(result.statusCode) >= 500 ? 1 : 0);
		metrics.addMetric("LatencyMs", MetricUnit.Milliseconds, deps.clock.nowMs() - startedMs);
		return result;
	},
	{ publishEveryMs: PUBLISH_EVERY_MS },
);

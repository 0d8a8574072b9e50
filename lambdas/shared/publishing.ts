import type { Metrics } from "@aws-lambda-powertools/metrics";
import type { MiddlewareObj } from "@middy/core";
import { runtime } from "#lambdas/shared/runtime.ts";

/** Publishes what an invocation has stored when it ends, also where it fails; with `everyMs`, what invocations have stored since the last time. */
export function publishing(metrics: Pick<Metrics, "hasStoredMetrics" | "publishStoredMetrics">, everyMs: number): MiddlewareObj {
	let publishedAtMs = Number.NEGATIVE_INFINITY;
	const publish = (): void => {
		const nowMs = runtime().clock.nowMs();
		if (!metrics.hasStoredMetrics() || nowMs - publishedAtMs < everyMs) return;
		metrics.publishStoredMetrics();
		publishedAtMs = nowMs;
	};
	return { after: publish, onError: publish };
}

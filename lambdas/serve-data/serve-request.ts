import type { Answer } from "#lambdas/serve-data/answer.ts";
import { serveBatch } from "#lambdas/serve-data/batch.ts";
import { serveCanaryRead } from "#lambdas/serve-data/canary.ts";
import type { DataRequest } from "#lambdas/serve-data/data-request.ts";
import type { DataPlaneDeps } from "#lambdas/serve-data/deps.ts";
import { forwardToLeader } from "#lambdas/serve-data/forward-request.ts";
import { markServed, performAsLeader, visitOf } from "#lambdas/serve-data/perform.ts";

/**
 * Serves a request here if this region leads, else through the region that does. `x-heliotrope-consistency: eventual` is forwarded as
 * well: a follower has no proof of how far behind its stream it is, so it could not state a true staleness.
 *
 * @throws ProblemError, with the headers of who served where that is known.
 */
export async function serveRequest(deps: DataPlaneDeps, request: DataRequest, requestId: string): Promise<Answer> {
	const { operation, partition, route } = request;
	if (operation.kind === "batch") return serveBatch(deps, request, operation, requestId);
	const visit = visitOf(partition, operation, route.buckets);
	const led = await performAsLeader(deps, visit, operation, requestId);
	if (led.kind === "led") return markServed(led.value, led.fence);
	if (operation.kind === "get" && route.canary && led.fence !== undefined)
		return serveCanaryRead(deps, request, operation.key, requestId, led);
	return forwardToLeader(deps, request, requestId, led);
}

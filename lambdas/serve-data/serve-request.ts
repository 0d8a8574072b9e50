import { Consistency } from "#domain/partition/consistency.ts";
import { type Answer, servedBy } from "#lambdas/serve-data/answer.ts";
import { serveBatch } from "#lambdas/serve-data/batch.ts";
import { serveCanaryRead } from "#lambdas/serve-data/canary.ts";
import type { AskedConsistency, DataRequest } from "#lambdas/serve-data/data-request.ts";
import type { DataPlaneDeps } from "#lambdas/serve-data/deps.ts";
import { performAsFollower } from "#lambdas/serve-data/follow.ts";
import { forwardToLeader } from "#lambdas/serve-data/forward-request.ts";
import { onceFor } from "#lambdas/serve-data/once.ts";
import { marked, performAsLeader, visitOf } from "#lambdas/serve-data/perform.ts";
import { remembers, sessionOf } from "#lambdas/serve-data/session.ts";

/**
 * Serves a request here if this region leads, or if it follows and the consistency asked for lets a follower answer; else through the
 * region that leads.
 *
 * @throws ProblemError, with the headers of who served where that is known.
 */
export async function serveRequest(deps: DataPlaneDeps, request: DataRequest, requestId: string): Promise<Answer> {
	const { operation, partition, route, asked, idempotencyKey } = request;
	if (operation.kind === "batch") return serveBatch(deps, request, operation, requestId);
	const visit = visitOf(partition, operation, route.buckets);
	const once = idempotencyKey === undefined || operation.kind === "list" ? undefined : onceFor(idempotencyKey, operation);
	const led = await performAsLeader(deps, visit, operation, { requestId, remembers: remembers(asked), once });
	if (led.kind === "led") {
		const current = operation.kind === "get" || operation.kind === "list" ? currentAs(asked) : {};
		return marked(led.value, { ...servedBy(led.fence), ...current, ...sessionOf(asked, led.value.seen) });
	}
	if (operation.kind === "get" && route.canary && led.fence !== undefined)
		return serveCanaryRead(deps, request, operation.key, requestId, led);
	const followed = await performAsFollower(deps, request, led.fence);
	if (followed !== undefined) return marked(followed.performed, { ...followed.headers, ...sessionOf(asked, followed.performed.seen) });
	return forwardToLeader(deps, request, requestId, led);
}

/** A leader's answer to a read that might have come from a copy says that it is not late. */
const currentAs = ({ consistency }: AskedConsistency): Answer["headers"] =>
	consistency === Consistency.Eventual ? { "x-heliotrope-staleness-ms": "0" } : {};

import type { RegionId } from "#domain/geography/region-id.ts";
import type { ForwardedAnswer } from "#domain/ports/forward.ts";
import { UnavailableError } from "#domain/shared/errors.ts";
import { TOKEN_HEADER } from "#lambdas/serve-data/access.ts";
import type { Answer } from "#lambdas/serve-data/answer.ts";
import type { DataRequest } from "#lambdas/serve-data/data-request.ts";
import { checkTime, timeLeftMs } from "#lambdas/serve-data/deadline.ts";
import type { DataPlaneDeps } from "#lambdas/serve-data/deps.ts";
import { ProblemError } from "#lambdas/serve-data/problem.ts";

/** More hops than this mean that regions point at each other. */
export const MAX_HOPS = 2;

/** What the leader gets of the time, at most: less than the forward itself has, so that it is the leader who says that it is over. */
const FORWARD_TIMEOUT_MS = 6_000;

/** Fields of the request that mean something to the leader. Canary is not among them: the leader's answer is wanted. */
const PASSED_ON = [
	"content-type",
	"idempotency-key",
	"if-match",
	"if-none-match",
	"x-heliotrope-consistency",
	"x-heliotrope-edge-region",
	"x-heliotrope-session",
] as const;

/** Fields of the answer that mean something to the viewer or the edge. */
const PASSED_BACK = [
	"allow",
	"content-type",
	"etag",
	"idempotent-replayed",
	"retry-after",
	"www-authenticate",
	"x-heliotrope-epoch",
	"x-heliotrope-region",
	"x-heliotrope-replicas",
	"x-heliotrope-session",
	"x-heliotrope-staleness-ms",
] as const;

/** Sends the request on as it came and returns the leader's answer. @throws ProblemError `route.loop` or `region.unreachable`. */
export async function forwardToLeader(
	deps: DataPlaneDeps,
	{ incoming, route }: DataRequest,
	requestId: string,
	to: { leader: RegionId; buckets: number },
): Promise<Answer> {
	if (route.hops >= MAX_HOPS || to.leader === deps.region) throw new ProblemError("route.loop");
	checkTime(deps);
	const { method, path, query, headers, body } = incoming;
	const token = headers[TOKEN_HEADER] ?? headers["authorization"];
	const answer = await send(deps, to.leader, {
		method,
		target: query === "" ? path : `${path}?${query}`,
		headers: {
			...pickHeaders(headers, PASSED_ON),
			// Verified once more where it arrives: a region trusts no other region's word for who is asking.
			...(token !== undefined && /^bearer /i.test(token) && { [TOKEN_HEADER]: token }),
			"x-heliotrope-timeout-ms": String(Math.min(FORWARD_TIMEOUT_MS, timeLeftMs(deps))),
			"x-heliotrope-hops": String(route.hops + 1),
			"x-heliotrope-buckets": String(to.buckets),
			"x-heliotrope-request-id": requestId,
		},
		body,
	});
	// Not the data plane's own answer but that of what stands before it: a throttle, a timeout, a crash.
	if (answer.headers["x-heliotrope-request-id"] === undefined)
		throw new ProblemError("region.unreachable", `The entrance of ${to.leader} answered ${answer.status}.`);
	return { status: answer.status, headers: pickHeaders(answer.headers, PASSED_BACK), body: answer.body };
}

async function send(deps: DataPlaneDeps, ...[leader, request]: Parameters<DataPlaneDeps["forward"]>): Promise<ForwardedAnswer> {
	try {
		return await deps.forward(leader, request);
	} catch (cause) {
		if (!(cause instanceof UnavailableError)) throw cause;
		throw new ProblemError("region.unreachable", `${leader} did not answer.`, { cause });
	}
}

/** The fields of these names, as far as there are such. */
export const pickHeaders = (headers: Readonly<Record<string, string | undefined>>, names: readonly string[]): Record<string, string> =>
	Object.fromEntries(
		names.flatMap((name) => {
			const value = headers[name];
			return value === undefined ? [] : [[name, value]];
		}),
	);

import type { LambdaFunctionURLEvent } from "aws-lambda";
import type { RegionId } from "#domain/geography/region-id.ts";
import type { PartitionId } from "#domain/partition/partition-id.ts";
import type { Forward } from "#domain/ports/forward.ts";
import { UnavailableError } from "#domain/shared/errors.ts";
import { cookieHeader } from "#guard/cookies.ts";
import { TOKEN_HEADER } from "#lambdas/serve-data/access.ts";
import type { Answer } from "#lambdas/serve-data/answer.ts";
import { checkTime, timeLeftMs } from "#lambdas/serve-data/deadline.ts";
import type { DataPlaneDeps } from "#lambdas/serve-data/deps.ts";
import { homeElsewhere } from "#lambdas/serve-data/first-touch.ts";
import { MAX_HOPS } from "#lambdas/serve-data/forward-request.ts";
import { whileLeading } from "#lambdas/serve-data/lead.ts";
import { incomingOf, parseHints } from "#lambdas/serve-data/parse-request.ts";
import { ProblemError } from "#lambdas/serve-data/problem.ts";
import { REQUEST_ID_HEADER } from "#lambdas/serve-data/request-id.ts";

/**
 * The region that leads a partition, after a short wait where it is being handed over, or that may create one that is nowhere yet; undefined:
 * this one.
 */
export async function leaderOf(deps: DataPlaneDeps, partition: PartitionId): Promise<RegionId | undefined> {
	try {
		const led = await whileLeading(deps, { partition, key: undefined, buckets: undefined, creates: false }, async () => true);
		return led.kind === "led" ? undefined : led.leader;
	} catch (error) {
		if (error instanceof ProblemError && error.problem === "partition.unknown") return homeElsewhere(deps, partition);
		throw error;
	}
}

/** How long a caller waits, in ms. */
export const TIMEOUT_HEADER = "x-heliotrope-timeout-ms";

/** Headers that belong to one hop, or that the signature of the next one takes the place of. */
const OF_ONE_HOP =
	/^(authorization|connection|content-length|date|host|keep-alive|transfer-encoding|x-amz-.*|x-amzn-.*|x-forwarded-.*|x-heliotrope-hops)$/;

const keptOf = (headers: Readonly<Record<string, string>>): Record<string, string> =>
	Object.fromEntries(Object.entries(headers).filter(([name]) => !OF_ONE_HOP.test(name)));

const ENTRANCE_STATUSES: ReadonlySet<number> = new Set([403, 429, 502, 503, 504]);

/** Whether not the application has answered, which names the request by an id, but what stands before it: IAM, a throttle, a crash. */
const isOfEntrance = ({ status, headers }: Answer): boolean => headers[REQUEST_ID_HEADER] === undefined && ENTRANCE_STATUSES.has(status);

/** Sends a request as it came to the application in another region. @throws ProblemError `route.loop`, `deadline.exceeded` or `region.unreachable` */
export async function forwardEvent(
	forward: Forward,
	event: LambdaFunctionURLEvent,
	{ deps, to, requestId }: { readonly deps: DataPlaneDeps; readonly to: RegionId; readonly requestId: string },
): Promise<Answer> {
	const { method, path, query, headers, body } = incomingOf(event);
	const { hops } = parseHints(headers);
	if (hops >= MAX_HOPS) throw new ProblemError("route.loop");
	checkTime(deps);
	const credentials = headers[TOKEN_HEADER] ?? headers["authorization"];
	try {
		const answer = await forward(to, {
			method,
			target: query === "" ? path : `${path}?${query}`,
			headers: {
				// The viewer is nearer to where it came first than to where it is sent.
				"x-heliotrope-edge-region": deps.region,
				...keptOf(headers),
				...cookieHeader(event),
				// Of any scheme: it is the application that judges them.
				...(credentials !== undefined && !/^AWS4-/i.test(credentials) && { [TOKEN_HEADER]: credentials }),
				...(headers[TIMEOUT_HEADER] !== undefined && { [TIMEOUT_HEADER]: String(timeLeftMs(deps)) }),
				"x-heliotrope-hops": String(hops + 1),
				[REQUEST_ID_HEADER]: requestId,
			},
			body,
		});
		if (isOfEntrance(answer)) throw new ProblemError("region.unreachable", `The entrance of ${to} answered ${answer.status}.`);
		return { ...answer, headers: keptOf(answer.headers) };
	} catch (cause) {
		if (!(cause instanceof UnavailableError)) throw cause;
		throw new ProblemError("region.unreachable", `${to} did not answer.`, { cause });
	}
}

import type { MiddlewareObj, Request } from "@middy/core";
import type { APIGatewayProxyStructuredResultV2, Context, LambdaFunctionURLEvent } from "aws-lambda";
import { createForward } from "#adapters/http/forward.ts";
import type { RegionId } from "#domain/geography/region-id.ts";
import { isPartitionId, type PartitionId } from "#domain/partition/partition-id.ts";
import type { Forward } from "#domain/ports/forward.ts";
import { type Emit, recordAccess } from "#guard/access-record.ts";
import { checkOptions } from "#guard/check-options.ts";
import { withCookiesApart } from "#guard/cookies.ts";
import { refusalThere } from "#guard/own-login.ts";
import { createPartitionStore, PartitionError, type PartitionStore } from "#guard/partition-store.ts";
import { type ServedBy, servedBy } from "#guard/served-by.ts";
import { SESSION_HEADER, sessionOf } from "#guard/session.ts";
import { forwardEvent, leaderOf, TIMEOUT_HEADER } from "#guard/stale-request.ts";
import { TOKEN_HEADER } from "#lambdas/serve-data/access.ts";
import type { Answer } from "#lambdas/serve-data/answer.ts";
import { createDeps } from "#lambdas/serve-data/create-deps.ts";
import { answerTo, resultOf } from "#lambdas/serve-data/data-plane.ts";
import { deadlineOf } from "#lambdas/serve-data/deadline.ts";
import type { DataPlaneDeps } from "#lambdas/serve-data/deps.ts";
import { pickHeaders } from "#lambdas/serve-data/forward-request.ts";
import { ProblemError } from "#lambdas/serve-data/problem.ts";
import { REQUEST_ID_HEADER, requestIdOf } from "#lambdas/serve-data/request-id.ts";

/** What to do with a request for a partition that another region leads. */
export const Stale = {
	/** Run the handler here; each of its operations goes to the leader by itself. */
	Serve: "serve",
	/** Send the request to this application in the region that leads, so that its code runs beside the data. */
	Forward: "forward",
	/** Answer 421 with the leader's region in `x-heliotrope-region`. */
	Reject: "reject",
} as const;
export type Stale = (typeof Stale)[keyof typeof Stale];

export interface GuardOptions {
	/** Names the partition that a request is about; undefined leaves the request alone: the handler gets no store. What it throws answers 500. */
	readonly partition: (event: LambdaFunctionURLEvent) => string | undefined;
	/** @default "serve", or "forward" where `application` is given */
	readonly stale?: Stale;
	/** Base URL of this application in each region, IAM-protected function URLs; `forward` needs it. */
	readonly application?: Readonly<Record<string, string>>;
	/**
	 * Takes each access record, at most once: a CloudFront real-time log line, for the stream that the counting function reads. The answer waits for
	 * it; what it throws is logged. @default a line on stdout
	 */
	readonly emit?: Emit;
	/** What the store works with. @default made from the environment, as the data plane's own is */
	readonly deps?: DataPlaneDeps;
	/** How requests are sent to `application`. @default HTTP, signed with the function's role */
	readonly forward?: Forward;
}

/** What a guarded handler finds in its context. */
export interface GuardedContext extends Context {
	/** The store of the request's partition. */
	readonly partition: PartitionStore;
}

type GuardRequest = Request<LambdaFunctionURLEvent, unknown, Error, GuardedContext>;

interface Visit {
	readonly store: PartitionStore;
	readonly served: ServedBy;
	readonly partition: PartitionId;
	readonly requestId: string;
	readonly startedAtMs: number;
	/** Whether its record has been given away: `after` and `onError` may both see a request. */
	recorded: boolean;
}

/**
 * A middy middleware that gives a handler the store of one partition, which can only write as the partition's fences allow, while the
 * partition moves between regions. A request that has come to the wrong region is served, forwarded or refused, as `stale` says; a store
 * error that the handler lets through becomes `application/problem+json`, a 503 with Retry-After. Every access that a handler serves, or
 * that nobody can, is recorded.
 *
 * @throws TypeError where the options do not go together
 */
export function partitionGuard(options: GuardOptions): MiddlewareObj<LambdaFunctionURLEvent, unknown, Error, GuardedContext> {
	const stale = options.stale ?? (options.application === undefined ? Stale.Serve : Stale.Forward);
	checkOptions(stale, options, process.env);
	const made = lazily(options);
	const visits = new WeakMap<object, Visit>();
	const finish = async (request: GuardRequest): Promise<void> => {
		const { event, context } = request;
		const visit = visits.get(context);
		if (visit === undefined) return;
		const { store, served, recorded, ...accessed } = visit;
		request.response = told(request.response, {
			[REQUEST_ID_HEADER]: visit.requestId,
			...served.headers(),
			...(store.session !== undefined && { [SESSION_HEADER]: store.session }),
		});
		if (recorded) return;
		visit.recorded = true;
		const { clock, region, log } = made.deps();
		const access = { event, ...accessed, status: statusOf(request.response), endedAtMs: clock.nowMs(), region };
		await recordAccess(access, options.emit ?? printAccess, log);
	};
	/** Gives the handler its store; undefined where the request is about no partition. @throws ProblemError, or whatever `partition` throws */
	const open = ({ event, context }: GuardRequest): Opened | undefined => {
		const partition = options.partition(event);
		if (partition === undefined) return undefined;
		if (!isPartitionId(partition)) throw new ProblemError("partition.invalid");
		const deps = withDeadline(made.deps(), event, context);
		const requestId = idOf(event, deps);
		const session = sessionOf(partition, event.headers);
		const served = servedBy();
		const store = createPartitionStore({
			deps,
			partition,
			requestId,
			headers: passedOn(event),
			session,
			onAnswer: served.learn,
			refusalOf: (problem) => refusalThere(problem, stale),
		});
		visits.set(context, { partition, requestId, startedAtMs: deps.clock.nowMs(), store, served, recorded: false });
		Object.assign(context, { partition: store });
		return { deps, partition, requestId };
	};
	const before = async (request: GuardRequest): Promise<APIGatewayProxyStructuredResultV2 | undefined> => {
		const { event } = request;
		try {
			const opened = open(request);
			return opened === undefined || stale === Stale.Serve ? undefined : await answerFor(request, opened);
		} catch (error) {
			return refusal(made.deps(), idOf(event, made.deps()), error);
		}
	};
	/** The answer to a request that has come to the wrong region; undefined where this is the right one. @throws ProblemError where it is refused */
	const answerFor = async (
		request: GuardRequest,
		{ deps, partition, requestId }: Opened,
	): Promise<APIGatewayProxyStructuredResultV2 | undefined> => {
		const placed = await placeOf(deps, partition, requestId);
		if (placed.kind === "here") return undefined;
		if (placed.kind === "unknown") return unserved(request, placed.answer);
		if (stale === Stale.Reject) throw elsewhere(placed.leader);
		let reached = false;
		const answer = await answerTo(deps, requestId, async () => {
			const there = await forwardEvent(made.forward(), request.event, { deps, to: placed.leader, requestId });
			reached = true;
			return there;
		});
		// Whoever serves the request records it.
		return reached ? withCookiesApart(resultOf(answer)) : unserved(request, answer);
	};
	/** The answer to a request that reached no handler, here or elsewhere; nobody else can record it. */
	const unserved = async (request: GuardRequest, answer: Answer): Promise<APIGatewayProxyStructuredResultV2> => {
		await finish(Object.assign(request, { response: resultOf(answer) }));
		return request.response as APIGatewayProxyStructuredResultV2;
	};
	const onError = async (request: GuardRequest): Promise<void> => {
		const { error, context } = request;
		const visit = visits.get(context);
		if (error instanceof PartitionError && visit !== undefined)
			request.response = resultOf(await answerTo(made.deps(), visit.requestId, () => Promise.reject(error.cause)));
		await finish(request);
	};
	return { before, after: finish, onError };
}

/** A request that has a partition. */
interface Opened {
	readonly deps: DataPlaneDeps;
	readonly partition: PartitionId;
	readonly requestId: string;
}

/** What is kept of the invocation's time for the answer. */
const RESERVE_MS = 1_000;

/** Until the caller's own deadline, or that of the invocation, if it is sooner. @throws ProblemError `deadline.invalid` */
function withDeadline(deps: DataPlaneDeps, { headers }: LambdaFunctionURLEvent, context: Context): DataPlaneDeps {
	const { clock } = deps;
	const asked = deadlineOf(pickHeaders(headers, [TIMEOUT_HEADER]), clock, undefined) ?? Number.POSITIVE_INFINITY;
	return { ...deps, notAfterMs: Math.min(asked, clock.nowMs() + context.getRemainingTimeInMillis() - RESERVE_MS) };
}

const idOf = (event: LambdaFunctionURLEvent, { random }: DataPlaneDeps): string => requestIdOf(event) ?? random.id();

/** Whether a request has come to the region that leads; where that cannot be found out, the answer that says so. */
type Place =
	| { readonly kind: "here" }
	| { readonly kind: "elsewhere"; readonly leader: RegionId }
	| { readonly kind: "unknown"; readonly answer: Answer };

async function placeOf(deps: DataPlaneDeps, partition: PartitionId, requestId: string): Promise<Place> {
	let place: Place = { kind: "here" };
	const answer = await answerTo(deps, requestId, async () => {
		const leader = await leaderOf(deps, partition);
		if (leader !== undefined) place = { kind: "elsewhere", leader };
		return { status: 200, headers: {} };
	});
	return answer.status === 200 ? place : { kind: "unknown", answer };
}

const elsewhere = (leader: RegionId): ProblemError =>
	new ProblemError("partition.elsewhere", undefined, { headers: { "x-heliotrope-region": leader } });

/** @param error a problem, or a defect, which answers 500 */
async function refusal(deps: DataPlaneDeps, requestId: string, error: unknown): Promise<APIGatewayProxyStructuredResultV2> {
	const { headers, ...result } = resultOf(await answerTo(deps, requestId, () => Promise.reject(error)));
	return { ...result, headers: { ...headers, [REQUEST_ID_HEADER]: requestId } };
}

/** Made with the first request, so that a module which defines a handler can be loaded without an environment. */
function lazily({ deps: given, forward: givenForward, application = {} }: GuardOptions) {
	let [deps, forward] = [given, givenForward];
	return {
		deps: (): DataPlaneDeps => {
			deps ??= createDeps(process.env);
			return deps;
		},
		forward(): Forward {
			forward ??= createForward({
				urlOf: (region) => Promise.resolve(application[region]),
				clock: this.deps().clock,
				environment: process.env,
			});
			return forward;
		},
	};
}

/** The caller's token, and where its edge is: a region that is asked for an operation wants to know. */
const passedOn = ({ headers }: LambdaFunctionURLEvent): Record<string, string> =>
	pickHeaders(headers, [TOKEN_HEADER, "authorization", "x-heliotrope-edge-region"]);

/**
 * The answer with these headers, whatever became of the request. The request id tells the edge that the application has answered, and not what
 * stands before it. An answer that is not structured has no headers to put anything in. A handler's own object is left as it is: it may be
 * the answer to other requests as well.
 */
function told(response: unknown, headers: Readonly<Record<string, string>>): unknown {
	if (typeof response !== "object" || response === null || !("statusCode" in response)) return response;
	const { headers: own } = response as { headers?: Record<string, unknown> };
	return { ...response, headers: { ...own, ...headers } };
}

/** A handler that returns no status has answered 200; one that failed without an answer is a 500. */
function statusOf(response: unknown): number {
	if (response === undefined) return 500;
	return typeof response === "object" && response !== null && "statusCode" in response ? Number(response.statusCode) : 200;
}

const printAccess = (line: string): void => void process.stdout.write(`${JSON.stringify({ event: "access", record: line })}\n`);

import type {
	CloudFrontHeaders,
	CloudFrontRequest,
	CloudFrontRequestEvent,
	CloudFrontRequestResult,
	CloudFrontResponse,
	CloudFrontResponseEvent,
	CloudFrontResponseResult,
} from "aws-lambda";
import type { LambdaSigner } from "#adapters/http/lambda-signer.ts";
import { createLocator } from "#domain/geography/locate.ts";
import type { RegionId } from "#domain/geography/region-id.ts";
import { createRttTable } from "#domain/geography/round-trip-time.ts";
import type { PartitionId } from "#domain/partition/partition-id.ts";
import type { Clock } from "#domain/ports/clock.ts";
import type { DataPlaneDirectory } from "#domain/ports/data-plane-directory.ts";
import type { KnownRoute } from "#domain/routing/known-route.ts";
import { DEFAULT_PARTITION_RULE, parsePartitionRule } from "#domain/routing/partition-rule.ts";
import { RegionHealth } from "#domain/routing/region-health.ts";
import { RouteBook } from "#domain/routing/route-book.ts";
import { RouteCache } from "#domain/routing/route-cache.ts";
import type { EdgeConfig } from "#infra/description/edge.ts";
import { routeRequest, type WarmParts } from "#lambdas/route-request/origin-request.ts";
import { learnFrom } from "#lambdas/route-request/origin-response.ts";
import { Origins } from "#lambdas/route-request/origins.ts";
import { problemResponse } from "#lambdas/route-request/problem.ts";

export interface InterceptorParts {
	readonly config: EdgeConfig;
	/** The deployed region nearest to where the function runs. */
	readonly nearRegion: RegionId;
	/** One read of the nearest copy of the metadata that answers. @throws Error when none does */
	readonly readRoute: (partition: PartitionId) => Promise<KnownRoute | undefined>;
	/** Where data planes are that the configuration does not name. */
	readonly directory: Pick<DataPlaneDirectory, "urlOf">;
	/** Undefined: origins take unsigned requests. */
	readonly sign: LambdaSigner | undefined;
	readonly clock: Pick<Clock, "nowMs">;
	/** Runs what no answer waits for. */
	readonly background: (work: () => Promise<void>) => void;
	/** Any 32-bit number that viewers do not know. */
	readonly seed: number;
	readonly log: EdgeLog;
}

/** What goes wrong at the edge, without anything that a viewer has sent. */
export interface EdgeLog {
	warn(code: string, fields: Readonly<Record<string, unknown>>): void;
	error(code: string, fields: Readonly<Record<string, unknown>>): void;
}

type OriginEvent = CloudFrontRequestEvent | CloudFrontResponseEvent;
type Answer = CloudFrontRequestResult | CloudFrontResponseResult;
export type Interceptor = (event: OriginEvent) => Promise<Answer>;

/** The deployed region nearest to `here`, itself if deployed; the control region where `here` is unknown. */
export function nearestDeployed(here: string, { regions, controlRegion }: EdgeConfig): RegionId {
	const place = createLocator(regions)({ region: here });
	return place.kind === "located" ? place.region : controlRegion;
}

/**
 * The handler of both origin events over its parts. It never throws and never rejects: whatever fails is answered as a problem, 503 with
 * `Retry-After`, and an answer that cannot be learned from is handed on.
 *
 * @throws TypeError at once when the configuration's partition rule is none
 */
export function createInterceptor(parts: InterceptorParts): Interceptor {
	const { config, nearRegion, clock, log, background, readRoute, seed, sign } = parts;
	const onUnavailable = (error: unknown, cached: boolean): void => log.warn("metadata.unavailable", { cached, error: reasonOf(error) });
	const warm: WarmParts = {
		config,
		nearRegion,
		rule: parsePartitionRule(config.partitionRule ?? DEFAULT_PARTITION_RULE),
		book: new RouteBook({ cache: new RouteCache(seed), read: readRoute, clock, background, onUnavailable }),
		health: new RegionHealth(),
		origins: new Origins(parts),
		isHealthy: (region) => warm.health.isHealthy(region, clock.nowMs()),
		rttMs: createRttTable(config.regions, config.rttMatrix),
		clock,
		sign,
	};
	const afterError = (error: unknown, response: CloudFrontResponse | undefined, requestId: string): Answer => {
		log.error("edge.failed", { requestId, error: reasonOf(error) });
		return response === undefined ? failed("edge.failed", requestId, nearRegion) : { ...response, headers: bareHeaders(response) };
	};
	return async (event) => {
		const cf = (event as Partial<OriginEvent> | null)?.Records?.[0]?.cf as Partial<Exchange> | undefined;
		const requestId = requestIdOf(cf);
		const response = cf?.response ?? undefined;
		try {
			if (cf?.request === undefined) return failed("edge.no-request", requestId, nearRegion);
			if (response !== undefined) return learnFrom(cf.request, response, requestId, warm);
			const routed = routeRequest(cf.request, requestId, warm);
			return routed instanceof Promise ? await routed : routed;
		} catch (error) {
			return afterError(error, response, requestId);
		}
	};
}

interface Exchange {
	readonly config: { readonly requestId: string };
	readonly request: CloudFrontRequest;
	readonly response: CloudFrontResponse;
}

/** What of an answer's headers is left where they cannot be read: what CloudFront lets nobody take away, and what its status needs. */
function bareHeaders({ status, headers }: Partial<CloudFrontResponse>): CloudFrontHeaders {
	const kept = ["transfer-encoding", "via"].flatMap((name) => (headers?.[name] === undefined ? [] : [[name, headers[name]]]));
	return { ...Object.fromEntries(kept), ...(status === "503" && { "retry-after": [{ key: "retry-after", value: "1" }] }) };
}

const failed = (code: string, requestId: string, region: RegionId): CloudFrontRequestResult =>
	problemResponse({ status: 503, code, detail: "The edge could not route the request." }, requestId, region);

/** Name and code only: a message may quote what it is about. */
function reasonOf(error: unknown): string {
	if (!(error instanceof Error)) return "unknown";
	const cause = error.cause instanceof Error ? ` because of ${error.cause.name}` : "";
	return `${"code" in error ? `${error.name} ${String(error.code)}` : error.name}${cause}`;
}

/** CloudFront's own, which no viewer can choose: fit for a header as it is. */
function requestIdOf(cf: Partial<Exchange> | undefined): string {
	const requestId: unknown = cf?.config?.requestId;
	return typeof requestId === "string" && requestId !== "" ? requestId : "none";
}

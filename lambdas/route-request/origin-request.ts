import type { CloudFrontHeaders, CloudFrontRequest, CloudFrontRequestResult } from "aws-lambda";
import { hashOfBase64, type LambdaSigner } from "#adapters/http/lambda-signer.ts";
import type { RegionId } from "#domain/geography/region-id.ts";
import { Consistency, consistencyOf, followerMayAnswer } from "#domain/partition/consistency.ts";
import type { PartitionId } from "#domain/partition/partition-id.ts";
import type { Clock } from "#domain/ports/clock.ts";
import { decideRoute, type Knowledge, type Route, type RouteQuery } from "#domain/routing/decide-route.ts";
import type { PartitionRule } from "#domain/routing/partition-rule.ts";
import { readKind } from "#domain/routing/read-kind.ts";
import type { RegionHealth } from "#domain/routing/region-health.ts";
import type { RouteBook } from "#domain/routing/route-book.ts";
import { EDGE_DISTRIBUTION, type EdgeConfig } from "#infra/description/edge.ts";
import { invalid, refusalOf } from "#lambdas/route-request/check-request.ts";
import { clientIdOf } from "#lambdas/route-request/client-id.ts";
import { entries, sentHeaders, withoutReserved } from "#lambdas/route-request/edge-headers.ts";
import type { Origins, PreparedOrigin } from "#lambdas/route-request/origins.ts";
import { type Problem, problemResponse } from "#lambdas/route-request/problem.ts";
import { rewriteQuery } from "#lambdas/route-request/viewer-query.ts";

/** What an instance keeps between invocations. */
export interface WarmParts {
	readonly config: EdgeConfig;
	/** The deployed region nearest to where the function runs. */
	readonly nearRegion: RegionId;
	readonly rule: PartitionRule;
	readonly book: RouteBook;
	readonly health: RegionHealth;
	/** By what `health` has seen until now. */
	readonly isHealthy: (region: RegionId) => boolean;
	readonly origins: Origins;
	readonly rttMs: (from: RegionId, to: RegionId) => number;
	readonly clock: Pick<Clock, "nowMs">;
	/** Without one, requests are sent unsigned: for origins that anybody may call. */
	readonly sign: LambdaSigner | undefined;
}

/** What CloudFront takes. @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html */
const MOST_URL_BYTES = 8192;
const MOST_REQUEST_BYTES = 32_768;
/** Characters of a viewer's request that, at three bytes each, leave room for all that the edge adds: below that nothing is counted again. */
const SURELY_FITS = 8000;

/** The request as it shall be sent, or the answer to give instead. */
export function routeRequest(
	request: CloudFrontRequest,
	requestId: string,
	parts: WarmParts,
): CloudFrontRequestResult | Promise<CloudFrontRequestResult> {
	const refused = refusalOf(request);
	if (refused !== undefined) return problemResponse(refused, requestId, parts.nearRegion);
	const named = parts.rule(request.uri, request.headers);
	if (named.kind === "problem") return problemResponse(named, requestId, parts.nearRegion);
	const known = parts.book.lookUp(named.partition);
	const asked = { request, requestId, partition: named.partition };
	return known instanceof Promise ? known.then((read) => address(asked, read, parts)) : address(asked, known, parts);
}

interface Asked {
	readonly request: CloudFrontRequest;
	readonly requestId: string;
	readonly partition: PartitionId;
}

function address(asked: Asked, known: Knowledge, parts: WarmParts): CloudFrontRequestResult | Promise<CloudFrontRequestResult> {
	const { requestId } = asked;
	const route = chooseRoute(asked, known, parts);
	if (route === undefined) return problemResponse(NO_OTHER_COPY, requestId, parts.nearRegion);
	const origin = parts.origins.of(route.region);
	if (origin === undefined) return parts.origins.find(route.region).then((found) => send(asked, route, found, parts));
	return send(asked, route, origin, parts);
}

function send(
	asked: Asked,
	route: Route,
	origin: PreparedOrigin | undefined,
	parts: WarmParts,
): CloudFrontRequestResult | Promise<CloudFrontRequestResult> {
	const { requestId } = asked;
	if (origin === undefined) return problemResponse(unknownRegion(route.region), requestId, parts.nearRegion);
	const sent = readdress(asked, route, origin, parts);
	if ("code" in sent) return problemResponse(sent, requestId, parts.nearRegion);
	return parts.sign === undefined ? sent : signed(sent, route.region, requestId, parts.sign, parts);
}

const unknownRegion = (region: RegionId): Problem => ({
	status: 503,
	code: "region.unknown",
	detail: `No data plane is known in ${region}.`,
});

const NO_OTHER_COPY: Problem = {
	status: 503,
	code: "region.unavailable",
	detail: "The region that should have answered did not, and no other may answer this request.",
};

/** Undefined where nobody is left to ask. */
function chooseRoute({ request, partition }: Asked, known: Knowledge, parts: WarmParts): Route | undefined {
	const { config, nearRegion, rttMs, isHealthy } = parts;
	const query: RouteQuery = {
		partition,
		known,
		client: () => clientIdOf(request.headers, request.clientIp),
		nearRegion,
		regions: config.regions,
		rttMs,
		anyCopy: anyCopyMayAnswer(request),
		isHealthy,
	};
	const route = decideRoute(query);
	return isSecondAttempt(request) ? routeAfter(route.region, query, parts) : route;
}

/**
 * For the second attempt at a read, the first one counts as a failure of its region. Undefined where that region would be asked again
 * although it has failed others before.
 */
function routeAfter(failed: RegionId, query: RouteQuery, { health, clock, isHealthy }: WarmParts): Route | undefined {
	health.failed(failed, clock.nowMs());
	const again = decideRoute({ ...query, failed });
	return again.region === failed && !isHealthy(again.region) ? undefined : again;
}

const { name: ATTEMPT_HEADER, value: SECOND } = EDGE_DISTRIBUTION.originGroup.secondOriginHeader;
const isSecondAttempt = ({ origin }: CloudFrontRequest): boolean => origin?.custom?.customHeaders[ATTEMPT_HEADER]?.[0]?.value === SECOND;

/** Whether a follower may answer. A consistency that does not exist goes where all requests go; the data plane refuses it. */
function anyCopyMayAnswer({ method, uri, headers }: CloudFrontRequest): boolean {
	const text = headers["x-heliotrope-consistency"]?.[0]?.value;
	if (text === undefined || method !== "GET") return false;
	return followerMayAnswer(consistencyOf(text.trim()) ?? Consistency.Linearizable, readKind(method, uri));
}

/** The request with internal headers set by us alone, for the route's origin; or why CloudFront would not take it. */
function readdress(
	{ request, requestId, partition }: Asked,
	route: Route,
	origin: PreparedOrigin,
	{ origins }: WarmParts,
): CloudFrontRequest | Problem {
	const query = rewriteQuery(request.querystring);
	if (query === undefined) return invalid("Query parameters that begin with x-amz- are reserved.");
	const { buckets, canary } = route;
	const own = { edgeRegion: origins.edgeRegion, requestId, partition, buckets, canary, host: origin.host };
	const sent = sentHeaders(request.headers, own);
	const chars = withoutReserved(sent, request.headers);
	const headers = sent as CloudFrontHeaders;
	const mayBeTooLong = request.uri.length + query.text.length + chars > SURELY_FITS;
	const violation = mayBeTooLong ? tooLong(request.uri, query.text, headers) : undefined;
	return violation ?? { ...request, querystring: query.text, headers, origin: origin.origin };
}

async function signed(
	request: CloudFrontRequest,
	region: RegionId,
	requestId: string,
	sign: LambdaSigner,
	parts: Pick<WarmParts, "nearRegion">,
): Promise<CloudFrontRequestResult> {
	const { method, uri, querystring, headers, body, origin } = request;
	const added = await sign(region, {
		method,
		host: origin?.custom?.domainName ?? "",
		path: uri,
		query: rewriteQuery(querystring)?.values ?? {},
		bodyHash: hashOfBase64(body?.data ?? ""),
	});
	for (const name in added) headers[name] = entries(name, added[name] as string);
	const violation = tooLong(uri, querystring, headers);
	return violation === undefined ? request : problemResponse(violation, requestId, parts.nearRegion);
}

/** Counts as CloudFront does: a separator and a line end beside each name and value. */
function tooLong(uri: string, querystring: string, headers: CloudFrontHeaders): Problem | undefined {
	const urlBytes = uri.length + querystring.length + 1;
	if (urlBytes > MOST_URL_BYTES) return { status: 414, code: "request.uri-too-long", detail: `A URL has at most ${MOST_URL_BYTES} bytes.` };
	let bytes = urlBytes;
	for (const name in headers) {
		for (const { value } of headers[name] ?? []) bytes += name.length + Buffer.byteLength(value) + 4;
	}
	if (bytes <= MOST_REQUEST_BYTES) return undefined;
	const detail = `URL and headers, those of the edge included, have at most ${MOST_REQUEST_BYTES} bytes.`;
	return { status: 431, code: "request.headers-too-large", detail };
}

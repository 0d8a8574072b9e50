import type { CloudFrontHeaders, CloudFrontRequest } from "aws-lambda";
import type { RegionId } from "#domain/geography/region-id.ts";
import type { Route } from "#domain/routing/decide-route.ts";
import type { EdgeOrigin } from "#infra/description/edge.ts";
import { DATA_PLANE_TIMEOUT_SECONDS } from "#infra/description/functions.ts";

/** `x-heliotrope-*` headers that viewers may send on to the data plane. All others are internal and are removed. */
const VIEWER_HEADERS = new Set([
	"x-heliotrope-consistency",
	"x-heliotrope-session",
	"x-heliotrope-segment",
	"x-heliotrope-idempotency-key",
]);

/** The data plane answers or is stopped by then; the rest is for a forward's connection. */
const READ_TIMEOUT_SECONDS = DATA_PLANE_TIMEOUT_SECONDS + 5;
const KEEPALIVE_SECONDS = 5;

export interface Passport {
	readonly route: Route;
	readonly origin: EdgeOrigin;
	readonly edgeRegion: RegionId;
	readonly client: string;
	readonly requestId: string;
}

/** The request as CloudFront shall send it: internal headers set by us alone, and the route's origin. */
export function readdress(request: CloudFrontRequest, passport: Passport): CloudFrontRequest {
	const { domainName, port, protocol } = passport.origin;
	return {
		...request,
		headers: { ...viewerHeaders(request.headers), ...internalHeaders(passport), ...header("host", domainName) },
		origin: {
			custom: {
				domainName,
				port,
				protocol,
				path: "",
				sslProtocols: ["TLSv1.2"],
				readTimeout: READ_TIMEOUT_SECONDS,
				keepaliveTimeout: KEEPALIVE_SECONDS,
				customHeaders: {},
			},
		},
	};
}

const viewerHeaders = (headers: CloudFrontHeaders): CloudFrontHeaders =>
	Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith("x-heliotrope-") || VIEWER_HEADERS.has(name)));

const internalHeaders = ({ route, edgeRegion, client, requestId }: Passport): CloudFrontHeaders => ({
	...header("x-heliotrope-edge-region", edgeRegion),
	...header("x-heliotrope-client", client),
	...header("x-heliotrope-hops", "0"),
	...header("x-heliotrope-request-id", requestId),
	...(route.buckets === undefined ? {} : header("x-heliotrope-buckets", String(route.buckets))),
	...(route.canary ? header("x-heliotrope-canary", "1") : {}),
});

const header = (name: string, value: string): CloudFrontHeaders => ({ [name]: [{ key: name, value }] });

import type { CloudFrontHeaders, CloudFrontRequest } from "aws-lambda";
import type { RegionId } from "#domain/geography/region-id.ts";
import { EdgeHeader } from "#domain/routing/edge-headers.ts";
import type { EdgeConfig, EdgeOrigin } from "#infra/description/edge.ts";
import { DATA_PLANE_TIMEOUT_SECONDS } from "#infra/description/functions.ts";
import { entries } from "#lambdas/route-request/edge-headers.ts";

/** The data plane answers or is stopped by then; the rest is for a forward's connection. */
const READ_TIMEOUT_SECONDS = DATA_PLANE_TIMEOUT_SECONDS + 5;
const KEEPALIVE_SECONDS = 5;

/** A region's origin as CloudFront takes it, and the `Host` it is asked under. */
export interface PreparedOrigin {
	readonly origin: NonNullable<CloudFrontRequest["origin"]>;
	readonly host: CloudFrontHeaders[string];
}

/** What requests of an instance have in common, made once. */
export interface Origins {
	readonly of: (region: RegionId) => PreparedOrigin | undefined;
	/** The region whose origin this is; undefined for a foreign one. */
	readonly regionOf: (domainName: string | undefined) => RegionId | undefined;
	readonly edgeRegion: CloudFrontHeaders[string];
}

export function prepareOrigins({ origins }: EdgeConfig, nearRegion: RegionId): Origins {
	const prepared = new Map(Object.entries(origins).map(([region, origin]) => [region as RegionId, prepare(origin)]));
	const regions = new Map(Object.entries(origins).map(([region, { domainName }]) => [domainName, region as RegionId]));
	return {
		of: (region) => prepared.get(region),
		regionOf: (domainName) => regions.get(domainName ?? ""),
		edgeRegion: entries(EdgeHeader.EdgeRegion, nearRegion),
	};
}

const prepare = ({ domainName, port, protocol }: EdgeOrigin): PreparedOrigin => ({
	host: entries("host", domainName),
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
});

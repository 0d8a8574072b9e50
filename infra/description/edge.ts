import type { RegionId } from "#domain/geography/region-id.ts";
import type { RttMatrix } from "#domain/geography/round-trip-time.ts";
import type { Deployment } from "#infra/description/deployment.ts";
import { TableName, tableName } from "#infra/description/tables.ts";

/** Where the edge sends requests for one region. CloudFront takes a name, not an address. */
export interface EdgeOrigin {
	readonly domainName: string;
	readonly port: number;
	readonly protocol: "http" | "https";
}

/** What is baked into the edge functions, which have no environment variables. */
export interface EdgeConfig {
	readonly stage: string;
	readonly regions: readonly RegionId[];
	readonly controlRegion: RegionId;
	readonly metadataTable: string;
	/** Where data planes are that the directory in the metadata does not name, or not as the edge reaches them. */
	readonly origins: Readonly<Record<string, EdgeOrigin>>;
	/** Measured round-trip times in ms, where they override the model of domain/geography. */
	readonly rttMatrix?: RttMatrix;
	/** How a request names its partition, as `parsePartitionRule` reads it. @default `path:/v1/partitions/{partition}/*` */
	readonly partitionRule?: string;
}

/**
 * How the distribution uses the edge functions. One function has both origin events: its instances keep the routes in memory, so what
 * an answer teaches corrects the route of the next request. (`learn-route` alone is the half that only cleans answers.)
 */
export const EDGE_DISTRIBUTION = {
	associations: [
		{ event: "origin-request", function: "route-request", includeBody: true },
		{ event: "origin-response", function: "route-request", includeBody: false },
	],
	/** Managed policies: nothing is cached; functions see all of the viewer's headers, its `Host`, and CloudFront's about the viewer. */
	cachePolicy: "CachingDisabled",
	originRequestPolicy: "AllViewerAndCloudFrontHeaders-2022-06",
	/**
	 * Two origins, both names that resolve and that route-request replaces. All requests go to the first; a CloudFront Function makes a group
	 * of both for those that may be repeated (docs/adr/0601). When the first one fails, CloudFront runs route-request again for the second,
	 * which it knows by this custom header of that origin. 503 stands for a connection that failed, 504 for an answer that did not come.
	 *
	 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/high_availability_origin_failover.html
	 */
	originGroup: {
		function: "group-origins",
		originIds: ["first-attempt", "second-attempt"],
		failoverStatuses: [502, 503, 504],
		secondOriginHeader: { name: "x-heliotrope-attempt", value: "2" },
	},
	/** One attempt of this many seconds to connect, so that the second replica is asked soon. */
	connection: { attempts: 1, timeoutSeconds: 3 },
	/**
	 * esbuild's choices for edge functions beside those of all functions: without ES modules the SDK alone is larger than the bundle may be.
	 */
	bundling: {
		mainFields: ["module", "main"],
		minify: true,
	},
} as const;

/** The value of `__HELIOTROPE_EDGE_CONFIG__`. @param origins by region, data planes that are not in their directory; an application comes before them */
export const edgeConfigOf = (deployment: Deployment, origins: Readonly<Record<string, EdgeOrigin>> = {}): EdgeConfig => ({
	stage: deployment.stage,
	regions: deployment.regions,
	controlRegion: deployment.controlRegion,
	metadataTable: tableName(deployment.stage, TableName.Metadata),
	origins: { ...origins, ...originsOf(deployment.application?.urls ?? {}) },
	...(deployment.partitionRule !== undefined && { partitionRule: deployment.partitionRule }),
	...(deployment.rttMatrix !== undefined && { rttMatrix: deployment.rttMatrix }),
});

const originsOf = (urls: Readonly<Record<string, string>>): Readonly<Record<string, EdgeOrigin>> =>
	Object.fromEntries(Object.entries(urls).map(([region, url]) => [region, originOf(url)]));

/**
 * What the distribution answers in place of a 502 or 504, its own or an origin's: a region that is away or a function that died is a
 * reason to try again, and the data API has one way to say so.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/GeneratingCustomErrorResponses.html
 */
export const ERROR_RESPONSE = {
	replaces: [502, 504],
	status: 503,
	/** Where the distribution finds its text. */
	path: "/.heliotrope/errors/region-unreachable.json",
	headers: { "content-type": "application/problem+json", "retry-after": "1" },
	body: JSON.stringify({
		type: "urn:heliotrope:problem:region.unreachable",
		title: "The region that leads the partition cannot be reached.",
		status: 503,
		code: "region.unreachable",
	}),
} as const;

/** What the CloudFront Function hands to `cf.createRequestOriginGroup`. */
export interface RequestOriginGroup {
	readonly originIds: readonly { readonly originId: string }[];
	readonly failoverCriteria: { readonly statusCodes: readonly number[] };
}

/**
 * The text of the CloudFront Function that groups the origins, from its source.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/helper-functions-origin-modification.html
 */
export function groupOriginsCode(source: string): string {
	const { originIds, failoverStatuses } = EDGE_DISTRIBUTION.originGroup;
	const group: RequestOriginGroup = {
		originIds: originIds.map((originId) => ({ originId })),
		failoverCriteria: { statusCodes: [...failoverStatuses] },
	};
	return source.replace("__HELIOTROPE_ORIGIN_GROUP__", JSON.stringify(group));
}

/** The source of the CloudFront Function, below the repository root. */
export const GROUP_ORIGINS_SOURCE = "lambdas/group-origins/function.js";

/** The origin that a data plane's base URL stands for. */
export function originOf(url: string): EdgeOrigin {
	const { hostname, port, protocol } = new URL(url);
	const secure = protocol === "https:";
	return { domainName: hostname, port: port === "" ? (secure ? 443 : 80) : Number(port), protocol: secure ? "https" : "http" };
}

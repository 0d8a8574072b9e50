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
	readonly origins: Readonly<Record<string, EdgeOrigin>>;
	/** Measured round-trip times in ms, where they override the model of domain/geography. */
	readonly rttMatrix?: RttMatrix;
}

/** The value of `__HELIOTROPE_EDGE_CONFIG__`. @param origins by region, where they are not simply the data planes' URLs */
export const edgeConfigOf = (
	deployment: Deployment,
	origins: Readonly<Record<string, EdgeOrigin>> = originsOf(deployment.dataPlaneUrls),
): EdgeConfig => ({
	stage: deployment.stage,
	regions: deployment.regions,
	controlRegion: deployment.controlRegion,
	metadataTable: tableName(deployment.stage, TableName.Metadata),
	origins,
	...(deployment.rttMatrix !== undefined && { rttMatrix: deployment.rttMatrix }),
});

/**
 * What the distribution answers in place of a 502 or 504, its own or an origin's: a region that is away or a function that died is a
 * reason to try again, and the data API has one way to say so.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/GeneratingCustomErrorResponses.html
 */
export const ERROR_RESPONSE = {
	replaces: [502, 504],
	status: 503,
	headers: { "content-type": "application/problem+json", "retry-after": "1" },
	body: JSON.stringify({
		type: "urn:heliotrope:problem:region.unreachable",
		title: "The region that leads the partition cannot be reached.",
		status: 503,
		code: "region.unreachable",
	}),
} as const;

const originsOf = (urls: Readonly<Record<string, string>>): Record<string, EdgeOrigin> =>
	Object.fromEntries(Object.entries(urls).map(([region, url]) => [region, originOf(new URL(url))]));

function originOf({ hostname, port, protocol }: URL): EdgeOrigin {
	const secure = protocol === "https:";
	return { domainName: hostname, port: port === "" ? (secure ? 443 : 80) : Number(port), protocol: secure ? "https" : "http" };
}

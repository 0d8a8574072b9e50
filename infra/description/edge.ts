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

const originsOf = (urls: Readonly<Record<string, string>>): Record<string, EdgeOrigin> =>
	Object.fromEntries(Object.entries(urls).map(([region, url]) => [region, originOf(new URL(url))]));

function originOf({ hostname, port, protocol }: URL): EdgeOrigin {
	const secure = protocol === "https:";
	return { domainName: hostname, port: port === "" ? (secure ? 443 : 80) : Number(port), protocol: secure ? "https" : "http" };
}

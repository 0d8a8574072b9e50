import assert from "node:assert";
import type { CloudFrontRequest, CloudFrontRequestEvent, CloudFrontRequestResult } from "aws-lambda";
import { createLocator } from "#domain/geography/locate.ts";
import type { RegionId } from "#domain/geography/region-id.ts";
import { createRttTable } from "#domain/geography/round-trip-time.ts";
import { Consistency, consistencyOf, followerMayAnswer } from "#domain/partition/consistency.ts";
import type { PartitionId } from "#domain/partition/partition-id.ts";
import type { PartitionRecord } from "#domain/partition/record.ts";
import type { Clock } from "#domain/ports/clock.ts";
import type { MetadataStore } from "#domain/ports/metadata-store.ts";
import { decideRoute } from "#domain/routing/decide-route.ts";
import { parsePartitionPath } from "#domain/routing/partition-path.ts";
import { readKind } from "#domain/routing/read-kind.ts";
import { RouteCache } from "#domain/routing/route-cache.ts";
import type { EdgeConfig } from "#infra/description/edge.ts";
import { clientIdOf } from "#lambdas/route-request/client-id.ts";
import { readdress } from "#lambdas/route-request/origin-request.ts";
import { problemResponse } from "#lambdas/route-request/problem.ts";

export interface RouterParts {
	readonly config: EdgeConfig;
	/** The deployed region nearest to where the function runs. */
	readonly nearRegion: RegionId;
	readonly metadata: Pick<MetadataStore, "readNearest">;
	readonly clock: Pick<Clock, "nowMs">;
	/** Takes one line of JSON for what went wrong. */
	readonly log: (line: string) => void;
}

/** The deployed region nearest to `here`, itself if deployed; the control region where `here` is unknown. */
export function nearestDeployed(here: string, { regions, controlRegion }: EdgeConfig): RegionId {
	const place = createLocator(regions)({ region: here });
	return place.kind === "located" ? place.region : controlRegion;
}

/** The origin-request handler over its parts. What fails is answered as a problem; only an event that CloudFront never sends throws. */
export function createRouter(parts: RouterParts): (event: CloudFrontRequestEvent) => Promise<CloudFrontRequestResult> {
	const cache = new RouteCache();
	const rttMs = createRttTable(parts.config.regions, parts.config.rttMatrix);
	return async (event) => {
		const [record] = event.Records;
		assert(record !== undefined, "CloudFront sends one record");
		const { request, config } = record.cf;
		try {
			return await route(request, config.requestId, { ...parts, cache, rttMs });
		} catch (error) {
			parts.log(JSON.stringify({ level: "error", code: "internal", requestId: config.requestId, error: String(error) }));
			return problemResponse({ status: 500, code: "internal", detail: "The request could not be routed." }, config.requestId);
		}
	};
}

/** What a sandbox keeps between invocations. */
interface WarmParts extends RouterParts {
	readonly cache: RouteCache;
	readonly rttMs: (from: RegionId, to: RegionId) => number;
}

async function route(request: CloudFrontRequest, requestId: string, parts: WarmParts): Promise<CloudFrontRequestResult> {
	const path = parsePartitionPath(request.uri);
	if (path.kind === "problem") return problemResponse(path, requestId);
	const { config, nearRegion, rttMs } = parts;
	const client = clientIdOf(request.headers, request.clientIp);
	const record = await lookUp(path.partition, parts);
	const query = { record, client, nearRegion, regions: config.regions };
	const decided = decideRoute(anyCopyMayAnswer(request) ? { ...query, anyCopyBy: rttMs } : query);
	const origin = config.origins[decided.region];
	if (origin === undefined) {
		return problemResponse({ status: 503, code: "region.unknown", detail: `No data plane is known in ${decided.region}.` }, requestId);
	}
	return readdress(request, { route: decided, origin, edgeRegion: nearRegion, client, requestId });
}

/** Whether a follower may answer. A consistency that does not exist goes where all requests go; the data plane refuses it. */
function anyCopyMayAnswer({ method, uri, headers }: CloudFrontRequest): boolean {
	const asked = consistencyOf((headers["x-heliotrope-consistency"]?.[0]?.value ?? "").trim());
	return followerMayAnswer(asked ?? Consistency.Linearizable, readKind(method, uri));
}

/** The record from the cache while fresh, else from the nearest copy, else from the cache however old. */
async function lookUp(partition: PartitionId, { metadata, clock, log, cache }: WarmParts): Promise<PartitionRecord | undefined> {
	const cached = cache.get(partition, clock.nowMs());
	if (cached?.fresh) return cached.record;
	try {
		const record = await metadata.readNearest(partition);
		cache.put(partition, record, clock.nowMs());
		return record;
	} catch (error) {
		log(JSON.stringify({ level: "warn", code: "metadata.unavailable", cached: cached !== undefined, error: String(error) }));
		return cached?.record;
	}
}

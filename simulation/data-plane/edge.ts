import type { RegionId } from "#domain/geography/region-id.ts";
import { Consistency, consistencyOf, followerMayAnswer } from "#domain/partition/consistency.ts";
import type { PartitionId } from "#domain/partition/partition-id.ts";
import type { PartitionRecord } from "#domain/partition/record.ts";
import { decideRoute, type Knowledge } from "#domain/routing/decide-route.ts";
import { routeOf } from "#domain/routing/known-route.ts";
import { readKind } from "#domain/routing/read-kind.ts";
import { Freshness, RouteCache } from "#domain/routing/route-cache.ts";
import type { Draws } from "#simulation/draws.ts";
import type { Surroundings } from "#simulation/world/surroundings.ts";
import type { PlainRequest } from "./function-url-event.ts";
import type { PlainAnswer, RegionFront } from "./region-front.ts";

export interface EdgeParts {
	readonly world: Surroundings;
	/** The region nearest to it. */
	readonly region: RegionId;
	readonly regions: readonly RegionId[];
	readonly partition: PartitionId;
	/** The nearest copy of the partition's record, however old. */
	readonly nearest: () => PartitionRecord | undefined;
	readonly front: (region: RegionId) => RegionFront;
	/** Draws of one request, whatever other requests draw. */
	readonly drawsOf: (request: PlainRequest) => Draws;
}

/** As route-request asks it. */
function anyCopyAnswers({ method, target, headers }: PlainRequest): boolean {
	const consistency = consistencyOf(headers["x-heliotrope-consistency"] ?? Consistency.Linearizable);
	const [path = ""] = target.split("?");
	return consistency !== undefined && followerMayAnswer(consistency, readKind(method, path));
}

const distanceOf = (from: RegionId, to: RegionId): number => (from === to ? 0 : 1);

/** Sends requests where the production routing says, by a cached record that may be wrong. */
export class Edge {
	readonly #parts: EdgeParts;
	readonly #cache = new RouteCache(1);

	constructor(parts: EdgeParts) {
		this.#parts = parts;
	}

	/** Undefined when nothing came back. */
	async send(client: string, request: PlainRequest): Promise<PlainAnswer | undefined> {
		const { world, region: nearRegion, regions, partition, front, drawsOf } = this.#parts;
		const { time, network } = world;
		const anyCopy = anyCopyAnswers(request);
		const route = decideRoute({ partition, known: this.#lookUp(), client: () => client, nearRegion, regions, rttMs: distanceOf, anyCopy });
		const draws = drawsOf(request);
		const [outMs, backMs] = [network.transitMs(draws, nearRegion, route.region), network.transitMs(draws, nearRegion, route.region)];
		await time.sleep(outMs);
		if (!network.serves(nearRegion, route.region)) return undefined;
		const headers = {
			...request.headers,
			"x-heliotrope-edge-region": nearRegion,
			...(route.buckets !== undefined && { "x-heliotrope-buckets": String(route.buckets) }),
			...(route.canary && { "x-heliotrope-canary": "1" }),
		};
		const answer = await front(route.region).invoke({ ...request, headers });
		await time.sleep(backMs);
		return network.serves(nearRegion, route.region) ? answer : undefined;
	}

	#lookUp(): Knowledge {
		const { partition, world, nearest } = this.#parts;
		const { nowMs } = world.time;
		const cached = this.#cache.get(partition, nowMs);
		if (cached?.freshness === Freshness.Fresh) return cached.route;
		const record = nearest();
		const known = record === undefined ? "absent" : routeOf(record);
		this.#cache.put(partition, known, nowMs);
		return known;
	}
}

import type { Samples } from "#bench/benchmark.ts";
import { collectGarbage } from "#bench/collect-garbage.ts";
import type { EdgeBenchSizes } from "#bench/edge/sizes.ts";
import { type RegionId, regionId } from "#domain/geography/region-id.ts";
import { type PartitionId, partitionId } from "#domain/partition/partition-id.ts";
import type { KnownRoute } from "#domain/routing/known-route.ts";
import { RouteCache } from "#domain/routing/route-cache.ts";

const regions = ["us-east-1", "us-west-2", "eu-west-1", "eu-central-1", "ap-northeast-1", "ap-southeast-2"].map(regionId);
const MOST_BYTES = 64;
/** Below that, what else changes on the heap between two looks at it is as large as the routes are. */
const MANY_ROUTES = 100_000;

const nameOf = (index: number): PartitionId => partitionId(`tenant-${index.toString(36)}-${(index * 2654435761) % 997}`);

/** One to five copies, as different from each other as routes are. */
function routeOf(index: number): KnownRoute {
	const at = (offset: number): RegionId => regions[(index + offset) % regions.length] as RegionId;
	const followers = Array.from({ length: index % 5 }, (_, follower) => at(follower + 1));
	return {
		leader: at(0),
		followers,
		epoch: 1 + (index % 1000),
		moving: false,
		buckets: 8,
		...(index % 7 === 0 && { residency: [at(0), ...followers] }),
	};
}

/** What a route takes in memory, and how fast routes are found, against a Map of objects. */
export async function measureCache(sizes: EdgeBenchSizes, say: (line: string) => void): Promise<readonly Samples[]> {
	// what code takes is no route's
	measureSize(100, { ...sizes, lookUps: 100 });
	return sizes.routes.flatMap((routes) => {
		say(`a cache of ${routes} routes`);
		return measureSize(routes, sizes);
	});
}

function measureSize(routes: number, { lookUps, rounds }: EdgeBenchSizes): readonly Samples[] {
	const names = Array.from({ length: routes }, (_, index) => nameOf(index));
	const fill = (): RouteCache => {
		const cache = new RouteCache(1);
		for (const [index, name] of names.entries()) cache.put(name, routeOf(index), 0);
		return cache;
	};
	// A Map may hold the names the caller has anyway: only what it adds to them counts.
	const fillMap = (): Map<PartitionId, { route: KnownRoute; untilMs: number }> =>
		new Map(Array.from(names, (name, index) => [name, { route: routeOf(index), untilMs: 30_000 }]));
	const perRoute = (make: () => unknown) => Array.from({ length: rounds }, () => bytesOf(make) / routes);
	const [cacheBytes, mapBytes] = [perRoute(fill), perRoute(fillMap)];
	const [cache, map] = [fill(), fillMap()];
	if (cache.size !== routes) throw new Error(`the cache holds ${cache.size} of ${routes} routes`);
	const asked = Array.from({ length: Math.min(lookUps, 100_000) }, (_, index) => names[(index * 7919) % routes] as PartitionId);
	const found = (look: (name: PartitionId) => unknown) => Array.from({ length: rounds }, () => perSecond(asked, lookUps, look));
	return [
		{
			metric: `memory of a cached route, ${routes} routes`,
			unit: "bytes",
			values: cacheBytes,
			baselineOf: "a Map from names, which are not counted, to objects",
			baselineValues: mapBytes,
			...(routes >= MANY_ROUTES && { target: { of: "value", is: "at most", limit: MOST_BYTES } }),
		},
		{
			metric: `look-ups among ${routes} routes`,
			unit: "look-ups/s",
			values: found((name) => cache.get(name, 0)),
			baselineOf: "a Map from names to objects",
			baselineValues: found((name) => map.get(name)),
		},
	];
}

/** By which heap and buffers have grown once all garbage is gone, but for what was made. */
function bytesOf(make: () => unknown): number {
	const before = settledBytes();
	const made = [make()];
	const bytes = settledBytes() - before;
	made.pop();
	return Math.max(1, bytes);
}

function settledBytes(): number {
	collectGarbage();
	const { heapUsed, arrayBuffers } = process.memoryUsage();
	return heapUsed + arrayBuffers;
}

function perSecond(asked: readonly PartitionId[], lookUps: number, look: (name: PartitionId) => unknown): number {
	const startedMs = performance.now();
	let missing = 0;
	for (let index = 0; index < lookUps; index += 1) if (look(asked[index % asked.length] as PartitionId) === undefined) missing += 1;
	if (missing > 0) throw new Error(`${missing} routes were not found`);
	return (lookUps * 1000) / (performance.now() - startedMs);
}

import { type Benchmark, type BenchSize, summarize } from "#bench/benchmark.ts";
import { measureBundles } from "#bench/edge/bundles.ts";
import { measureCache } from "#bench/edge/cache.ts";
import { measureInterceptor } from "#bench/edge/interceptor.ts";
import { measureLocalEdge } from "#bench/edge/local-edge.ts";
import type { EdgeBenchSizes } from "#bench/edge/sizes.ts";

const SIZES: Readonly<Record<BenchSize, EdgeBenchSizes>> = {
	full: {
		warmUp: 3000,
		samples: 3000,
		batch: 50,
		routes: [10_000, 100_000, 1_000_000],
		lookUps: 1_000_000,
		imports: 15,
		requests: 1000,
		atOnce: 16,
		rounds: 3,
	},
	tiny: { warmUp: 2, samples: 3, batch: 2, routes: [100], lookUps: 100, imports: 1, requests: 4, atOnce: 2, rounds: 1 },
};

/** What the edge costs a request, in time, memory and code. */
export const edge: Benchmark = {
	notMeasured: [
		"AWS: CloudFront, the start of a Lambda@Edge instance, and how the runtime reads and writes events do not show.",
		"Routes that are not cached: a read of the metadata table comes before those.",
		"Requests with bodies: their hash grows with them, up to 1 MiB.",
		"The local edge is a host of CloudFront events on this machine: what it adds is its own threads and sockets as much as the interceptor.",
		"Memory of names: the cache does not keep them; the Map it is compared with would have to.",
	],
	run: async (size, say) => {
		const sizes = SIZES[size];
		const parts = [measureInterceptor, measureBundles, measureCache, measureLocalEdge];
		const results = [];
		for (const measure of parts) for (const samples of await measure(sizes, say)) results.push(summarize("edge", samples));
		return results;
	},
};

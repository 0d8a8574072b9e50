import type { Benchmark } from "#bench/benchmark.ts";

/** Every benchmark by the name it is asked for; loaded only when it runs. */
export const BENCHMARKS: Readonly<Record<string, () => Promise<Benchmark>>> = {
	edge: async () => (await import("#bench/edge.bench.ts")).edge,
	load: async () => (await import("#bench/load.bench.ts")).load,
	local: async () => (await import("#bench/local.bench.ts")).local,
	migration: async () => (await import("#bench/migration.bench.ts")).migration,
	predictor: async () => (await import("#bench/predictor.bench.ts")).predictor,
};

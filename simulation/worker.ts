import { parentPort } from "node:worker_threads";
import type { SeedRange } from "#simulation/run-parallel.ts";
import { runSeeds } from "#simulation/run-seeds.ts";

parentPort?.on("message", ({ first, count }: SeedRange) => {
	const seeds = Array.from({ length: count }, (_, i) => first + i);
	void runSeeds(seeds).then((tally) => parentPort?.postMessage(tally));
});

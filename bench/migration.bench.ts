import { type Benchmark, type BenchSize, summarize } from "#bench/benchmark.ts";
import { measureCopyThroughput } from "#bench/migration/copy-throughput.ts";
import { measurePauseBySize } from "#bench/migration/pause-by-size.ts";
import type { MigrationBenchSizes } from "#bench/migration/sizes.ts";
import { measureSteadyWrites } from "#bench/migration/steady-writes.ts";
import { measureTransferTime } from "#bench/migration/transfer-time.ts";
import { measureWritePauses } from "#bench/migration/write-pauses.ts";

const SIZES: Readonly<Record<BenchSize, MigrationBenchSizes>> = {
	full: {
		lanes: 4,
		moves: 8,
		items: 100,
		small: 1000,
		large: 100_000,
		transfers: 2,
		copies: 3,
		copyItems: 8000,
		warmUp: 300,
		writes: 1500,
	},
	tiny: {
		lanes: 1,
		moves: 2,
		items: 5,
		small: 5,
		large: 20,
		transfers: 1,
		copies: 1,
		copyItems: 30,
		warmUp: 2,
		writes: 4,
	},
};

/** What migrations cost writers, and what they and steady writes cost at all. */
export const migration: Benchmark = {
	notMeasured: [
		"The waits of a real migration: the quiesce is shorter than fifteen seconds here, as writers are quicker to give up, canary and soak are left out.",
		"Lambda and Step Functions: stages and data planes run in one process, so cold starts and state transitions do not show.",
		"AWS: an engine on this machine is neither as fast nor as slow as DynamoDB; distance is a timer.",
		"Three regions: the control region is always the old or the new leader; each call from a third one would add its own round-trip.",
		"Hot partitions: a writer waits for an answer and 5 ms before it writes again.",
		"Copying over distance: throughput is measured without it, against a loop that does not read.",
	],
	run: async (size, say) => {
		const sizes = SIZES[size];
		const parts = [measureWritePauses, measurePauseBySize, measureCopyThroughput, measureSteadyWrites, measureTransferTime];
		const results = [];
		for (const measure of parts) for (const samples of await measure(sizes, say)) results.push(summarize("migration", samples));
		return results;
	},
};

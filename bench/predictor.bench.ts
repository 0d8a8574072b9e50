import { type Benchmark, type BenchSize, summarize } from "#bench/benchmark.ts";
import { measureForecasts } from "#bench/predictor/forecast-partitions.ts";
import { measurePlacement } from "#bench/predictor/place-partitions.ts";
import { measureReplay } from "#bench/predictor/replay-accesses.ts";
import type { PredictorBenchSizes } from "#bench/predictor/sizes.ts";
import { measureStates } from "#bench/predictor/stream-states.ts";
import { measureTraining } from "#bench/predictor/train-pool.ts";

const SIZES: Readonly<Record<BenchSize, PredictorBenchSizes>> = {
	full: {
		partitions: [10_000, 100_000, 1_000_000],
		streamed: [10_000, 100_000],
		windows: 100_000,
		placed: 200_000,
		accesses: 3_000_000,
		rounds: 5,
	},
	tiny: { partitions: [10, 100], streamed: [10, 100], windows: 600, placed: 100, accesses: 600, rounds: 1 },
};

/** What forecasting, training, placing and replaying cost, on one core. */
export const predictor: Benchmark = {
	notMeasured: [
		"Reading: logs are in memory before the clock starts, and so are states but where they stream.",
		"More than one core: everything here is one thread.",
		"The forecasts of a deployment: its functions read and write states in DynamoDB and call an endpoint.",
		"How good forecasts are: `heliotrope replay` says that of a log.",
	],
	run: async (size, say) => {
		const sizes = SIZES[size];
		const results = [];
		for (const measure of [measureStates, measureForecasts, measureTraining, measurePlacement, measureReplay]) {
			for (const samples of await measure(sizes, say)) results.push(summarize("predictor", samples));
		}
		return results;
	},
};

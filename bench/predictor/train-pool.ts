import type { Samples } from "#bench/benchmark.ts";
import { type PredictorBenchSizes, REGIONS } from "#bench/predictor/sizes.ts";
import { seededRandom } from "#domain/shared/seeded-random.ts";
import { EXPERT_COUNT } from "#predictor/models/expert-columns.ts";
import { CONTEXTS } from "#predictor/models/gated-pool.ts";
import { FIT_SETTINGS, fitGatedPool, type WindowSet } from "#predictor/training/fit-gated-pool.ts";

/** Ten million windows in five minutes. */
const LIMIT_PER_SECOND = 10_000_000 / 300;

/** Windows that a pool is fitted to in a second, all passes; the baseline is one pass. */
export function measureTraining({ windows, rounds }: PredictorBenchSizes, say: (line: string) => void): Promise<readonly Samples[]> {
	say(`fits to ${windows} windows`);
	const set = randomWindows(windows);
	const perSecond = (epochs: number): number => {
		const startedMs = performance.now();
		fitGatedPool(set, { ...FIT_SETTINGS, epochs });
		return (windows * 1000) / (performance.now() - startedMs);
	};
	const values = Array.from({ length: rounds }, () => perSecond(FIT_SETTINGS.epochs));
	const baselineValues = Array.from({ length: rounds }, () => perSecond(1));
	const target = { of: "value", is: "at least", limit: LIMIT_PER_SECOND } as const;
	return Promise.resolve([
		{
			metric: `training, ${windows} windows, ${FIT_SETTINGS.epochs} passes`,
			unit: "windows/s",
			values,
			baselineOf: "one pass",
			baselineValues,
			target,
		},
	]);
}

function randomWindows(size: number): WindowSet {
	const random = seededRandom(2);
	const forecasts = new Float32Array(size * EXPERT_COUNT * REGIONS);
	const outcomes = new Float32Array(size * REGIONS);
	for (let row = 0; row < size * EXPERT_COUNT; row += 1) {
		const favourite = Math.floor(random() * REGIONS);
		for (let region = 0; region < REGIONS; region += 1)
			forecasts[row * REGIONS + region] = region === favourite ? 0.6 : 0.4 / (REGIONS - 1);
	}
	for (let window = 0; window < size; window += 1) outcomes[window * REGIONS + Math.floor(random() * REGIONS)] = 1;
	return {
		experts: EXPERT_COUNT,
		regions: REGIONS,
		size,
		forecasts,
		outcomes,
		contexts: Uint8Array.from({ length: size }, (_, index) => index % CONTEXTS),
	};
}

import type { Samples } from "#bench/benchmark.ts";
import { type PredictorBenchSizes, REGIONS } from "#bench/predictor/sizes.ts";
import { REGION_IDS } from "#bench/predictor/synthetic.ts";
import { seededRandom } from "#domain/shared/seeded-random.ts";
import { FeatureColumns } from "#predictor/features/feature-columns.ts";
import { EXPERT_COUNT, ExpertColumns } from "#predictor/models/expert-columns.ts";
import { CONTEXTS, contextOf, type GatedWeights, PoolMixer } from "#predictor/models/gated-pool.ts";

const NOW = 400_000;
const WINDOWS_HOURS = [6, 24, 168] as const;
const LIMIT_MS = 60_000;
const MILLION = 1_000_000;
const LIMIT_BYTES = 4e9;

/** Features and forecasts of three windows for many partitions, each size against the one before; and the memory of the largest. */
export function measureForecasts({ partitions }: PredictorBenchSizes, say: (line: string) => void): Promise<readonly Samples[]> {
	const samples: Samples[] = [];
	let before: { readonly size: number; readonly ms: number } | undefined;
	for (const size of partitions) {
		say(`forecasts of ${size} partitions`);
		const columns = fill(size);
		const startedMs = performance.now();
		forecastAll(columns, size);
		const ms = performance.now() - startedMs;
		const scaled = before === undefined ? ms : (before.ms * size) / before.size;
		const limit = size === MILLION ? { target: { of: "value", is: "at most", limit: LIMIT_MS } as const } : {};
		samples.push({
			metric: `features and forecasts of 3 windows x ${REGIONS} regions, ${size} partitions`,
			unit: "ms",
			values: [ms],
			baselineOf: before === undefined ? "itself" : `${before.size} partitions, in proportion`,
			baselineValues: [scaled],
			...limit,
		});
		before = { size, ms };
		if (size === partitions.at(-1)) samples.push(memoryOf(size));
	}
	return Promise.resolve(samples);
}

const memoryOf = (size: number): Samples => ({
	metric: `memory of the process with ${size} partitions`,
	unit: "bytes",
	values: [process.memoryUsage().rss],
	baselineOf: "4 GB",
	baselineValues: [LIMIT_BYTES],
	...(size === MILLION ? { target: { of: "value", is: "at most", limit: LIMIT_BYTES } as const } : {}),
});

/** Every partition with a few accesses of the last months, from two regions. */
function fill(size: number): FeatureColumns {
	const random = seededRandom(1);
	const columns = new FeatureColumns(
		Array.from({ length: size }, (_, index) => `t${index % 1000}:p${index}`),
		REGION_IDS,
	);
	const cells = { partition: new Int32Array(size), region: new Uint8Array(size), count: new Float64Array(size).fill(2) };
	for (let hour = NOW - 4 * 500; hour < NOW; hour += 500) {
		for (let partition = 0; partition < size; partition += 1) {
			cells.partition[partition] = partition;
			cells.region[partition] = (partition + (random() < 0.7 ? 0 : 4)) % REGIONS;
		}
		columns.take(cells, 0, size, hour);
	}
	return columns;
}

function forecastAll(columns: FeatureColumns, size: number): void {
	const experts = new ExpertColumns(columns);
	const mixer = new PoolMixer(REGIONS);
	const forecast = new Float64Array(REGIONS);
	experts.begin(NOW);
	for (let partition = 0; partition < size; partition += 1) {
		experts.select(partition);
		for (const hours of WINDOWS_HOURS) {
			experts.tilt(NOW + 1, hours);
			mixer.mix(experts.forecasts, 0, EVEN, contextOf(experts.amounts.ageHours), forecast);
		}
	}
}

const EVEN: GatedWeights = {
	experts: EXPERT_COUNT,
	linearShare: new Float64Array(CONTEXTS).fill(0.5),
	linear: new Float64Array(CONTEXTS * EXPERT_COUNT).fill(1 / EXPERT_COUNT),
	log: new Float64Array(CONTEXTS * EXPERT_COUNT).fill(1 / EXPERT_COUNT),
};

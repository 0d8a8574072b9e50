import { median, percentile } from "#bench/statistics.ts";

/** One compared quantity; `value` and `baseline` are medians of samples of the same run. */
export interface BenchResult {
	/** Name of the benchmark. */
	readonly name: string;
	readonly metric: string;
	readonly value: number;
	readonly p99: number;
	readonly unit: string;
	readonly baseline: number;
	readonly baselineP99: number;
	/** What `baseline` is the median of. */
	readonly baselineOf: string;
	/** `value / baseline`. */
	readonly ratio: number;
	/** What `value` should not exceed, in `unit`; null: nothing was promised. */
	readonly target: number | null;
	/** Whether it does not; null without a target. */
	readonly meets: boolean | null;
	/** Raw samples in `unit`, in the order in which they were taken. */
	readonly values: readonly number[];
	readonly baselineValues: readonly number[];
}

/** `tiny` takes as few samples as show that the benchmark works; its numbers mean nothing. */
export type BenchSize = "full" | "tiny";

export interface Benchmark {
	/** What somebody who reads the numbers must not conclude from them, one sentence each. */
	readonly notMeasured: readonly string[];
	/** Leaves nothing running. @param say tells of progress, a line at a time */
	run(size: BenchSize, say: (line: string) => void): Promise<readonly BenchResult[]>;
}

/** Raw samples of a subject and of its baseline, taken in the same run. */
export interface Samples {
	readonly metric: string;
	readonly unit: "ms";
	readonly values: readonly number[];
	readonly baselineOf: string;
	readonly baselineValues: readonly number[];
	readonly target?: number;
}

/** Sums samples up. @throws AssertionError when there are none */
export function summarize(name: string, { metric, unit, values, baselineOf, baselineValues, target }: Samples): BenchResult {
	const value = median(values);
	const baseline = median(baselineValues);
	return {
		name,
		metric,
		value,
		p99: percentile(values, 0.99),
		unit,
		baseline,
		baselineP99: percentile(baselineValues, 0.99),
		baselineOf,
		ratio: value / baseline,
		target: target ?? null,
		meets: target === undefined ? null : value <= target,
		values,
		baselineValues,
	};
}

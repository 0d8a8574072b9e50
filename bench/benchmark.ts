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
	/** The limit of what `targetOf` names; null: nothing was promised. */
	readonly target: number | null;
	/** What has to keep to the limit, and on which side of it; null without a target. */
	readonly targetOf: "value" | "p99" | "ratio" | null;
	readonly targetIs: "at most" | "at least" | null;
	/** Whether it does; null without a target. */
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

/** What was promised of a result: its median (`value`), its p99, or its ratio to the baseline. */
export interface Target {
	readonly of: "value" | "p99" | "ratio";
	readonly is: "at most" | "at least";
	/** In the unit of the samples; of a ratio, without unit. */
	readonly limit: number;
}

/** Raw samples of a subject and of its baseline, taken in the same run. */
export interface Samples {
	readonly metric: string;
	readonly unit:
		| "ms"
		| "µs"
		| "items/s"
		| "requests/s"
		| "look-ups/s"
		| "windows/s"
		| "partitions/s"
		| "accesses/s"
		| "write units"
		| "bytes"
		| "kB"
		| "MB"
		| "answers"
		| "moves";
	readonly values: readonly number[];
	readonly baselineOf: string;
	readonly baselineValues: readonly number[];
	readonly target?: Target;
}

/** Sums samples up. @throws AssertionError when there are none */
export function summarize(name: string, { metric, unit, values, baselineOf, baselineValues, target }: Samples): BenchResult {
	const value = median(values);
	const baseline = median(baselineValues);
	const measured = { value, p99: percentile(values, 0.99), ratio: value / baseline };
	return {
		name,
		metric,
		...measured,
		unit,
		baseline,
		baselineP99: percentile(baselineValues, 0.99),
		baselineOf,
		target: target?.limit ?? null,
		targetOf: target?.of ?? null,
		targetIs: target?.is ?? null,
		meets: target === undefined ? null : meets(measured[target.of], target),
		values,
		baselineValues,
	};
}

const meets = (measured: number, { is, limit }: Target): boolean => (is === "at most" ? measured <= limit : measured >= limit);

import type { BenchResult } from "#bench/benchmark.ts";
import type { Machine } from "#bench/machine.ts";

/** What a run of benchmarks yields, as `--json` writes it. */
export interface BenchReport {
	readonly machine: Machine;
	readonly results: readonly BenchResult[];
	/** By benchmark. */
	readonly notMeasured: Readonly<Record<string, readonly string[]>>;
}

const HEADINGS = ["benchmark", "metric", "median", "p99", "baseline", "p99", "ratio", "target", "n"];

/** A table for people, with what it must not be read as. */
export function renderReport({ machine, results, notMeasured }: BenchReport): string {
	const { cpu, cores, memoryGiB, os, node, loadBefore } = machine;
	const lines = [`${cpu}, ${cores} cores, ${memoryGiB} GiB, ${os}, Node ${node}, load before ${loadBefore.toFixed(2)}`, ""];
	lines.push(...alignColumns([HEADINGS, ...results.map(rowOf)]), "");
	for (const { metric, baselineOf } of results) lines.push(`baseline of ${metric}: ${baselineOf}`);
	for (const [name, sentences] of Object.entries(notMeasured)) {
		lines.push("", `not measured by ${name}:`, ...sentences.map((sentence) => `  ${sentence}`));
	}
	return `${lines.join("\n")}\n`;
}

function rowOf(result: BenchResult): readonly string[] {
	const { name, metric, value, p99, unit, baseline, baselineP99, ratio, values } = result;
	const inUnit = (quantity: number): string => `${formatQuantity(quantity)} ${unit}`;
	return [
		name,
		metric,
		inUnit(value),
		inUnit(p99),
		inUnit(baseline),
		inUnit(baselineP99),
		ratio.toFixed(2),
		verdictOf(result, inUnit),
		String(values.length),
	];
}

/** `p99 at most 400 ms met` */
function verdictOf({ target, targetOf, targetIs, meets }: BenchResult, inUnit: (quantity: number) => string): string {
	if (target === null) return "-";
	const limit = targetOf === "ratio" ? formatQuantity(target) : inUnit(target);
	return `${targetOf === "value" ? "median" : targetOf} ${targetIs} ${limit} ${meets ? "met" : "MISSED"}`;
}

const formatQuantity = (quantity: number): string => (quantity >= 100 ? quantity.toFixed(0) : quantity.toPrecision(3));

/** The first two columns to the left, numbers to the right. */
function alignColumns(rows: readonly (readonly string[])[]): readonly string[] {
	const widths = HEADINGS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
	const align = (cell: string, column: number): string =>
		column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0);
	return rows.map((row) => row.map(align).join("  ").trimEnd());
}

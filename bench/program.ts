import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import type { BenchResult, BenchSize } from "#bench/benchmark.ts";
import { flawsOf } from "#bench/flaws.ts";
import { describeMachine } from "#bench/machine.ts";
import { BENCHMARKS } from "#bench/registry.ts";
import { type BenchReport, renderReport } from "#bench/render.ts";

export interface BenchOutput {
	/** For the table. */
	readonly write: (text: string) => void;
	/** For progress and for what went wrong. */
	readonly say: (line: string) => void;
}

const TERMINAL: BenchOutput = {
	write: (text) => void process.stdout.write(text),
	say: (line) => void process.stderr.write(`${line}\n`),
};

/**
 * Runs `bench [NAME] [--json OUT] [--tiny]`; the exit code: 2 for arguments that cannot be, 1 for a target that was missed, else 0.
 * With `--tiny`, whose numbers mean nothing, 1 for a report that is not whole.
 */
export async function main(args: readonly string[], { write, say }: BenchOutput = TERMINAL): Promise<number> {
	const asked = parse(args);
	if (typeof asked === "string") {
		say(`bench: ${asked}`);
		return 2;
	}
	const report = await runBenchmarks(asked.names, asked.tiny ? "tiny" : "full", say);
	write(renderReport(report));
	if (asked.json !== undefined) writeFileSync(asked.json, `${JSON.stringify(report, undefined, "\t")}\n`);
	if (!asked.tiny) return report.results.some(({ meets }) => meets === false) ? 1 : 0;
	const flaws = flawsOf(report, asked.names);
	for (const flaw of flaws) say(`bench: ${flaw}`);
	return flaws.length > 0 ? 1 : 0;
}

/** One benchmark after the other. @param names keys of the registry */
export async function runBenchmarks(names: readonly string[], size: BenchSize, say: (line: string) => void): Promise<BenchReport> {
	const machine = describeMachine();
	const results: BenchResult[] = [];
	const notMeasured: Record<string, readonly string[]> = {};
	for (const name of names) {
		const benchmark = await BENCHMARKS[name]?.();
		if (benchmark === undefined) throw new RangeError(`no benchmark ${name}`);
		results.push(...(await benchmark.run(size, (line) => say(`${name}: ${line}`))));
		notMeasured[name] = benchmark.notMeasured;
	}
	return { machine, results, notMeasured };
}

interface Asked {
	readonly names: readonly string[];
	readonly json: string | undefined;
	readonly tiny: boolean;
}

const OPTIONS = { json: { type: "string" }, tiny: { type: "boolean", default: false } } as const;

/** What is asked for, or one line about what cannot be. */
function parse(args: readonly string[]): Asked | string {
	const known = Object.keys(BENCHMARKS);
	try {
		const { positionals, values } = parseArgs({ args: [...args], allowPositionals: true, options: OPTIONS });
		const unknown = positionals.find((name) => !known.includes(name));
		if (unknown !== undefined) return `no benchmark is called ${JSON.stringify(unknown)}; known: ${known.join(", ")}`;
		return { names: positionals.length > 0 ? positionals : known, json: values.json, tiny: values.tiny };
	} catch (error) {
		return error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
	}
}

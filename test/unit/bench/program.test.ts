import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { summarize } from "#bench/benchmark.ts";
import { flawsOf } from "#bench/flaws.ts";
import { main } from "#bench/program.ts";
import { BENCHMARKS } from "#bench/registry.ts";

async function outputOf(args: readonly string[]): Promise<{ code: number; written: string; said: readonly string[] }> {
	const said: string[] = [];
	let written = "";
	const code = await main(args, {
		write: (text) => {
			written += text;
		},
		say: (line) => said.push(line),
	});
	return { code, written, said };
}

describe("bench", () => {
	test("refuses what it does not know in one line", async () => {
		for (const args of [["nothing"], ["local", "nothing"], ["--nothing"], ["--json"]]) {
			const { code, written, said } = await outputOf(args);
			expect(code).toBe(2);
			expect(written).toBe("");
			expect(said.length).toBe(1);
			expect(said[0]).toMatch(/^bench: [^\n]+$/);
		}
		expect((await outputOf(["nothing"])).said[0]).toContain("known: edge, load, local, migration, predictor");
	});

	test("knows every benchmark there is", () => {
		const files = readdirSync(new URL("../../../bench/", import.meta.url)).filter((file) => file.endsWith(".bench.ts"));
		expect(Object.keys(BENCHMARKS).sort()).toEqual(files.map((file) => file.replace(".bench.ts", "")).sort());
	});

	test("says what a report lacks", () => {
		const samples = { metric: "wait", unit: "ms", values: [2, 3], baselineOf: "nothing", baselineValues: [1, 1] } as const;
		const whole = summarize("local", { ...samples, target: { of: "ratio", is: "at most", limit: 9 } });
		const report = (results: readonly (typeof whole)[], notMeasured = { local: ["the network"] }) => ({
			machine: { cpu: "", cores: 2, memoryGiB: 1, os: "", node: "", loadBefore: 0 },
			results,
			notMeasured,
		});
		expect(flawsOf(report([whole]), ["local"])).toEqual([]);
		expect(flawsOf(report([]), ["local"])).toEqual(["local: no result"]);
		expect(flawsOf(report([whole], { local: [] }), ["local"])).toEqual(["local: does not say what it does not measure"]);
		expect(flawsOf(report([{ ...whole, p99: Number.NaN, baseline: 0, values: [], meets: null }]), ["local"])).toEqual([
			"local: wait: p99 is NaN",
			"local: wait: baseline is 0",
			"local: wait: no samples",
			"local: wait: a verdict and no target, or a target and no verdict",
		]);
	});
});

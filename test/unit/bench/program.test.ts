import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { main, runBenchmarks } from "#bench/program.ts";
import { BENCHMARKS } from "#bench/registry.ts";
import { renderReport } from "#bench/render.ts";
import { engineAvailable } from "#test/__helpers__/engine.ts";

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

	test.runIf(engineAvailable)("runs every benchmark, if only for a moment", { timeout: 180_000 }, async () => {
		const report = await runBenchmarks(Object.keys(BENCHMARKS), "tiny", () => {});
		expect(new Set(report.results.map(({ name }) => name))).toEqual(new Set(Object.keys(BENCHMARKS)));
		for (const result of report.results) {
			for (const quantity of [result.value, result.p99, result.baseline, result.baselineP99, result.ratio]) {
				expect(Number.isFinite(quantity) && quantity > 0, `${result.metric}: ${quantity}`).toBe(true);
			}
			expect(result.meets === null).toBe(result.target === null);
			expect(result.values.length).toBeGreaterThan(0);
			expect(result.baselineValues.length).toBeGreaterThan(0);
		}
		for (const sentences of Object.values(report.notMeasured)) expect(sentences.length).toBeGreaterThan(0);
		const table = renderReport(JSON.parse(JSON.stringify(report)));
		for (const { metric } of report.results) expect(table).toContain(metric);
	});
});

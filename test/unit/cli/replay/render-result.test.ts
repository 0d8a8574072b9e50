import { describe, expect, it } from "vitest";
import { renderReplayResult } from "#cli/replay/render-result.ts";
import { renderTextTable, wrapText } from "#cli/replay/text-table.ts";
import fc from "#test/__helpers__/fast-check.ts";
import { sampleResult } from "#test/unit/replay/report/sample.ts";
import { replayResult } from "#test/unit/replay/result/generated.ts";

describe("a result on the terminal", () => {
	it("is no wider than the terminal, down to 40 columns", () => {
		for (const width of [40, 60, 80, 100, 120, 200]) {
			const lines = renderReplayResult(sampleResult(["x".repeat(90), "b"]), width);
			for (const line of lines) expect(line.length, line).toBeLessThanOrEqual(width);
		}
	});

	const FIGURES = [
		"mean ms",
		"p50",
		"p95",
		"p99",
		"near",
		"cost ms",
		"95 %",
		"regret",
		"of oracle",
		"copies",
		"moves",
		"transfers",
		"$/month",
	];

	it.each([80, 100])("shows every figure of every policy at %i columns", (width) => {
		const lines = renderReplayResult(sampleResult(), width);
		const titles = lines.filter((line) => line.startsWith("policy")).join(" ");
		for (const figure of FIGURES) expect(titles).toContain(` ${figure}`);
		const predictive = lines.filter((line) => line.startsWith("predictive")).slice(0, 3);
		expect(predictive.map((line) => line.split(/ {2,}/))).toEqual([
			["predictive", "36.9", "20.0", "180.0", "240.0", "57.9 %"],
			["predictive", "37.9", "31.9..44.9", "12.3", "0.60"],
			["predictive", "2.90", "812", "12,310", "$114"],
		]);
	});

	it("shows the policies that say most by activity, or those that were asked for", () => {
		const text = renderReplayResult(sampleResult(), 100).join("\n");
		expect(text).toMatch(
			/\n10 to 99 accesses: 1,000 partitions, 18,000 accesses in all\npolicy +mean +p50 .*\nfixed per partition .*\nreactive, hindsight .*\npredictive +41\.7 +20\.0 +180\.0 +240\.0 +50 % +41\.7 +13\.5 +203 +3,078\noracle/,
		);
		const { policies, ...rest } = sampleResult();
		const two = renderReplayResult({ ...rest, policies: Object.fromEntries(Object.entries(policies).slice(0, 2)) }, 100).join("\n");
		expect(two).toMatch(/10 to 99 accesses: .*\npolicy .*\none region .*\nfixed per partition .*\n\n/);
	});

	it("shows more the wider it is, and the policies always", () => {
		const narrow = renderReplayResult(sampleResult(), 40).join("\n");
		const wide = renderReplayResult(sampleResult(), 160).join("\n");
		for (const text of [narrow, wide]) expect(text).toMatch(/predictive +(\S+.* )?37\.9/);
		expect(narrow).not.toContain("p99");
		expect(wide).toMatch(/\$\/month\n/);
		expect(wide).toMatch(/6h +0\.931/);
		expect(wide).toMatch(/src:mainboard:amd +100 +\+1\.3/);
	});

	it("holds nothing that a terminal would obey, whatever was found", () => {
		fc.assert(
			fc.property(replayResult, fc.integer({ min: 40, max: 200 }), (result, width) => {
				const text = renderReplayResult(result, width).join("");
				// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there
				expect(text).not.toMatch(/[\u0000-\u001f\u007f-\u009f]|NaN|undefined/);
				expect(text.replaceAll(" ", "")).toContain(result.verdict.replaceAll(" ", ""));
			}),
			{ numRuns: 60 },
		);
	});
});

describe("text tables", () => {
	const rows = [
		{ name: "a", n: 1 },
		{ name: "bbb", n: 22 },
	];
	const columns = [
		{ title: "name", left: true, cell: ({ name }: (typeof rows)[number]) => name },
		{ title: "number", cell: ({ n }: (typeof rows)[number]) => String(n), giveUp: 1 },
	];
	it("stand numbers to the right", () =>
		expect(renderTextTable(columns, rows, 80)).toEqual(["name  number", "a          1", "bbb       22"]));
	it("give columns up", () => expect(renderTextTable(columns, rows, 8)).toEqual(["name", "a", "bbb"]));
	it("wrap words and lose none", () => {
		fc.assert(
			fc.property(fc.array(fc.stringMatching(/^[a-z]{1,12}$/), { minLength: 1 }), fc.integer({ min: 12, max: 40 }), (words, width) => {
				const lines = wrapText(words.join(" "), width);
				expect(lines.join(" ")).toBe(words.join(" "));
				for (const line of lines) expect(line.length).toBeLessThanOrEqual(width);
			}),
		);
	});
});

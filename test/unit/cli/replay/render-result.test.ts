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

	it("shows more the wider it is, and the policies always", () => {
		const narrow = renderReplayResult(sampleResult(), 60).join("\n");
		const wide = renderReplayResult(sampleResult(), 160).join("\n");
		for (const text of [narrow, wide]) expect(text).toMatch(/predictive +\S+.* 37\.9/);
		expect(narrow).not.toContain("$/month");
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

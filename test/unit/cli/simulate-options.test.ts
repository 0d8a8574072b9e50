import { describe, expect, it } from "vitest";
import { main } from "#cli/program.ts";
import { parseSimulateOptions } from "#cli/simulate-options.ts";

describe("the flags of simulate", () => {
	it("run 2,000 seeds from 1 on by default", () => {
		expect(parseSimulateOptions({})).toEqual({ first: 1, count: 2000, replay: false, json: undefined, planted: undefined });
	});

	it("replay one seed, or run many from it on", () => {
		expect(parseSimulateOptions({ seed: "7" })).toMatchObject({ first: 7, count: 1, replay: true });
		expect(parseSimulateOptions({ seed: "7", seeds: "30" })).toMatchObject({ first: 7, count: 30, replay: false });
	});

	it.each([
		[["--seeds", "0"], "--seeds takes a whole number from 1"],
		[["--seeds", "many"], "--seeds takes a whole number from 1"],
		[["--seed", "-1"], "--seed takes a whole number from 0"],
		[["--json", "/nowhere/at/all.json"], "is not a directory that can be written to"],
		[["--json", "."], "is a directory"],
		[["--planted", "nothing like it"], "is none of: skip the quiesce"],
		[["--planted", "--seed", "3"], "--planted searches from seed 1"],
		[["--frobnicate"], "unknown option"],
	])("exit 2 with one line for %j", async (flags, says) => {
		const lines: string[] = [];
		expect(await main(["simulate", ...flags], (text) => lines.push(text))).toBe(2);
		expect(lines.join("")).toContain(says);
		expect(lines.join("").trimEnd().split("\n")).toHaveLength(1);
	});
});

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { main } from "#cli/program.ts";

async function run(...args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
	let [out, err] = ["", ""];
	const code = await main(
		args,
		(text) => {
			err += text;
		},
		(text) => {
			out += text;
		},
	);
	return { code, out, err };
}

describe("the command line", () => {
	it("prints the version of the package", async () => {
		const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
		for (const flag of ["-V", "--version"]) expect(await run(flag)).toEqual({ code: 0, out: `${version}\n`, err: "" });
	});

	it("lists its commands with --help", async () => {
		const { code, out, err } = await run("--help");
		expect([code, err]).toEqual([0, ""]);
		for (const command of [
			"start",
			"replay",
			"simulate",
			"train",
			"evaluate",
			"cost",
			"partitions",
			"migrations",
			"predictions",
			"regions",
		])
			expect(out).toMatch(new RegExp(`^ +${command}\\b`, "m"));
	});

	it("refuses what it does not know in one line", async () => {
		for (const args of [[], ["nothing"], ["--nothing"]]) {
			const { code, out, err } = await run(...args);
			expect(code).toBe(2);
			expect(out).toBe("");
			expect(err).toMatch(/^heliotrope: [^\n]+\n$/);
		}
	});
});

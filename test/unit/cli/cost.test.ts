import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { main } from "#cli/program.ts";

const directory = mkdtempSync(join(tmpdir(), "heliotrope-cost-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const file = (name: string, content: unknown): string => {
	const path = join(directory, name);
	writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
	return path;
};
const settings = file("settings.json", {
	stage: "x",
	regions: ["us-east-1", "ap-northeast-1", "ap-northeast-2"],
	controlRegion: "us-east-1",
});

async function run(...args: readonly string[]): Promise<{ code: number; out: string; error: string }> {
	let [out, error] = ["", ""];
	const code = await main(
		["cost", ...args],
		(text) => {
			error += text;
		},
		(text) => {
			out += text;
		},
	);
	return { code, out, error };
}

interface Row {
	readonly design: string;
	readonly totalUsd: number;
	readonly replicationUsd: number;
	readonly moveUsd: number;
	readonly storageUsd: number;
}

async function rows(...args: readonly string[]): Promise<Readonly<Record<string, Row>>> {
	const json = join(directory, "out.json");
	expect(await run("--settings", settings, "--json", json, ...args)).toEqual({ code: 0, out: "", error: "" });
	const { designs } = JSON.parse(readFileSync(json, "utf8")) as { designs: readonly Row[] };
	return Object.fromEntries(designs.map((design) => [design.design, design]));
}

describe("heliotrope cost", () => {
	it("prints four designs, the dates of its prices and what it assumed", async () => {
		const { code, out, error } = await run("--settings", settings);
		expect([code, error]).toEqual([0, ""]);
		for (const title of ["Heliotrope", "one region", "DynamoDB global tables", "a copy everywhere"]) expect(out).toContain(title);
		expect(out).toMatch(/Prices as published from 20\d\d-\d\d-\d\d to 20\d\d-\d\d-\d\d/);
		expect(out).toContain("storageGbMonth ap-northeast-2");
	});

	it("grows with copies and with moves; one copy without moves replicates nothing", async () => {
		const [one, two, moved] = await Promise.all([
			rows("--copies", "1", "--moves", "0"),
			rows("--copies", "2", "--moves", "0"),
			rows("--copies", "2", "--moves", "5"),
		]);
		expect(one["heliotrope"]).toMatchObject({ replicationUsd: 0, moveUsd: 0 });
		expect(two["heliotrope"]?.totalUsd).toBeGreaterThan(one["heliotrope"]?.totalUsd ?? 0);
		expect(moved["heliotrope"]?.totalUsd).toBeGreaterThan(two["heliotrope"]?.totalUsd ?? 0);
		expect(two["heliotrope"]?.storageUsd).toBeCloseTo(2 * (one["heliotrope"]?.storageUsd ?? 0), 6);
	});

	it("is full replication where there is a copy in every region", async () => {
		const all = await rows("--copies", "3", "--moves", "0");
		expect(all["heliotrope"]?.totalUsd).toBeCloseTo(all["full-replication"]?.totalUsd ?? 0, 9);
	});

	it("takes prices of one's own", async () => {
		const prices = file("prices.json", { asOf: "2026-11-01", prices: { storageGbMonth: { everywhere: 0 } } });
		expect((await rows("--prices", prices))["static"]?.storageUsd).toBe(0);
		expect((await run("--settings", settings, "--prices", prices)).out).toContain("to 2026-11-01");
	});

	it.each([
		[[], "--settings"],
		[["--settings", join(directory, "none.ts")], "cannot be read"],
		[["--settings", settings, "--copies", "4"], "--copies 4 is more than the 3 regions"],
		[["--settings", settings, "--requests", "many"], "--requests takes a number"],
		[["--settings", settings, "--read-share", "2"], "--read-share takes a number from 0 to 1"],
		[["--settings", settings, "--prices", file("bad.json", { asOf: "2026-11-01", prices: { beer: {} } })], "--prices"],
		[["--settings", settings, "--prices", file("broken.json", "{")], "cannot be read"],
		[
			["--settings", file("bad-settings.json", { stage: "x", regions: [], controlRegion: "us-east-1" })],
			"regions: must name at least one region",
		],
	])("%j is refused in one line, exit 2", async (args, message) => {
		const { code, error } = await run(...args);
		expect(code).toBe(2);
		expect(error).toContain(message);
		expect(error.trimEnd()).not.toContain("\n");
	});
});

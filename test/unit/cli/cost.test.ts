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

/** Two regions with a price of their own for everything but two: what is computed below by hand. */
const TWO = { stage: "x", regions: ["us-east-1", "ap-northeast-1"], controlRegion: "us-east-1" };

interface Row {
	readonly design: string;
	readonly totalUsd: number;
	readonly replicationUsd: number;
	readonly moveUsd: number;
	readonly storageUsd: number;
	readonly writeUsd: number;
	readonly readUsd: number;
	readonly transferUsd: number;
	readonly pathUsd: number;
	readonly assumed: readonly string[];
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

	it("names what is paid whatever the load, as the settings have it", async () => {
		expect((await run("--settings", settings)).out).toMatch(/paid whatever the load: a Kinesis stream on demand, .*a dashboard\./);
		const model = { endpoint: { kind: "real-time", instances: 3, instanceType: "ml.c7i.large" } };
		const dear = file("dear.json", { ...TWO, model, firewall: { requestsPerFiveMinutes: 2000 } });
		const { out } = await run("--settings", dear, "--copies", "2");
		expect(out).toMatch(/paid whatever the load: 3 x ml\.c7i\.large at the model's endpoint, .*a web ACL/);
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

	it("comes to what is computed by hand: 1,000 partitions of 10 MB, 10 million requests of 1 KiB, 80 % reads, 2 copies, 2 moves", async () => {
		const { heliotrope: row, ...others } = await rows("--settings", file("two.json", TWO));
		const HERE = { write: 0.625e-6, read: 0.125e-6, storage: 0.25, transfer: 0.02 };
		const THERE = { write: 0.715e-6, read: 0.1425e-6, storage: 0.285, transfer: 0.09 };
		expect(row?.storageUsd).toBeCloseTo(10 * (HERE.storage + THERE.storage), 6);
		// A million writes and four million reads in each region
		expect(row?.writeUsd).toBeCloseTo(1e6 * (HERE.write + THERE.write), 6);
		expect(row?.readUsd).toBeCloseTo(4e6 * (HERE.read + THERE.read), 6);
		// Each is carried to the other: a transaction of fence and item, two units each; and read once at the leader
		expect(row?.replicationUsd).toBeCloseTo(4 * 1e6 * (HERE.write + THERE.write) + 1e6 * (HERE.read + THERE.read), 6);
		// A million writes of 1 KiB each way, and 2,000 moves of seven passes over 10 MB, half of them sent from either side
		const sentGb = 1e6 * 1024e-9;
		expect(row?.transferUsd).toBeCloseTo((sentGb / 2 + 70) * (HERE.transfer + THERE.transfer), 6);
		// Copied and deleted in transactions of two units an item and its fence, each counted twice; six passes read; 45 transitions
		const items = 1e7 / 1024;
		const aMove = 4 * (items + Math.floor(items)) * HERE.write + 6 * Math.ceil(1e7 / 4096) * HERE.read + 45 * 0.025e-3;
		expect(row?.moveUsd).toBeCloseTo(2000 * aMove, 6);
		// The data plane runs 30 ms of a GB a request; viewers near each region send half of the requests and get half of the bytes
		const served = 10e6 * 0.2e-6 + 10e6 * 0.03 * 0.0000166667;
		const viewers = 5e6 * (1e-6 + 2.2e-6) + 4e6 * 1024e-9 * (0.085 + 0.114);
		expect(others["static"]?.pathUsd).toBeCloseTo(served + viewers, 4);
		expect(others["global-tables"]?.pathUsd).toBeCloseTo(served + viewers, 4);
	});

	it("names every price that was assumed, those of the path too", async () => {
		const { heliotrope: row } = await rows("--settings", file("two.json", TWO));
		expect(row?.assumed).toEqual(["cloudFrontRequest ap-northeast-1"]);
		const far = file("far.json", { stage: "x", regions: ["eu-west-1"], controlRegion: "eu-west-1" });
		const { heliotrope: moving, static: resting } = await rows("--settings", far, "--copies", "1");
		expect(moving?.assumed).toContain("stateTransition eu-west-1");
		expect(resting?.assumed).not.toContain("stateTransition eu-west-1");
		expect(resting?.assumed).toContain("lambdaRequest eu-west-1");
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

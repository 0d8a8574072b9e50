import { describe, expect, it } from "vitest";
import { createLocator } from "#domain/geography/locate.ts";
import { regionId } from "#domain/geography/region-id.ts";
import { AccessOp, type AccessRow } from "#replay/readers/access-row.ts";
import { CITIES, DEMO_REGIONS, localTimeIn } from "#replay/world/cities.ts";
import { DEMO_START_MS, demoWorld, residencyOf } from "#replay/world/demo-world.ts";
import { drawsOf, poisson } from "#replay/world/draws.ts";
import { tripCity } from "#replay/world/stories.ts";
import { WORLD } from "#replay/world/tenants.ts";
import fc from "#test/__helpers__/fast-check.ts";

const DAY_MS = 86_400_000;
const regions = DEMO_REGIONS.map(regionId);
const locate = createLocator(regions);

async function days(from: number, to: number, seed = 1): Promise<AccessRow[]> {
	const rows: AccessRow[] = [];
	for await (const batch of demoWorld({ seed, startMs: DEMO_START_MS, endMs: DEMO_START_MS + to * DAY_MS, locate })) rows.push(...batch);
	return rows.filter((row) => row.tsMs >= DEMO_START_MS + from * DAY_MS);
}

const topRegion = (rows: readonly AccessRow[]): string | undefined => {
	const counts = new Map<string, number>();
	for (const row of rows) counts.set(row.region, (counts.get(row.region) ?? 0) + 1);
	return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0];
};

describe("the demo world", () => {
	it("is the same for the same seed, another for another, and in order of time", async () => {
		const rows = await days(0, 3);
		expect(await days(0, 3)).toEqual(rows);
		expect(await days(0, 3, 2)).not.toEqual(rows);
		expect(rows.map((row) => row.tsMs)).toEqual(rows.map((row) => row.tsMs).toSorted((a, b) => a - b));
		expect(rows.map((row) => row.line)).toEqual(rows.map((_, index) => index + 1));
		expect(rows.length / 3).toBeGreaterThan(300);
		expect(rows.length / 3).toBeLessThan(1500);
	});

	it("begins with a write of each partition's founder", async () => {
		const first = (await days(0, 1)).slice(0, WORLD.length);
		expect(first.map((row) => row.partition)).toEqual(WORLD.map((world) => world.partition));
		expect(first.every((row) => row.op === AccessOp.Write)).toBe(true);
	});

	it("has a support team that follows the sun on weekdays", async () => {
		const support = (await days(0, 5)).filter((row) => row.partition === "acme:support").slice(1);
		const during = (fromHour: number, toHour: number): AccessRow[] =>
			support.filter((row) => {
				const hour = new Date(row.tsMs).getUTCHours();
				return hour >= fromHour && hour < toHour;
			});
		expect(topRegion(during(0, 8))).toBe("ap-northeast-1");
		expect(topRegion(during(9, 17))).toBe("eu-west-1");
		expect(topRegion(during(18, 24))).toBe("us-west-2");
	});

	it("has a launch on day 9 that brings Tokyo, and calms down", async () => {
		const shop = (await days(0, 20)).filter((row) => row.partition === "initech:catalog");
		const on = (day: number): AccessRow[] => shop.filter((row) => Math.floor((row.tsMs - DEMO_START_MS) / DAY_MS) === day);
		expect(topRegion(on(8))).toBe("us-east-1");
		expect(topRegion(on(9))).toBe("ap-northeast-1");
		expect(topRegion(on(18))).toBe("us-east-1");
	});

	it("has travellers who come home, and a quiet tenant", async () => {
		const rows = await days(0, 28);
		expect(new Set(rows.filter((row) => row.partition === "globex:alice").map((row) => row.region)).size).toBeGreaterThan(1);
		expect(rows.filter((row) => row.partition === "hooli:archive").length).toBeLessThan(40);
		const cities = Array.from({ length: 200 }, (_, day) => tripCity(1, "alice", CITIES.newYork, DEMO_START_MS + day * DAY_MS).name);
		expect(cities.filter((name) => name === "New York").length).toBeGreaterThan(80);
	});

	it("binds a tenant to Europe though most of its users are in America", async () => {
		const rows = (await days(0, 5)).filter((row) => row.partition === "umbrella:records");
		expect(topRegion(rows)).toBe("us-east-1");
		expect(rows[0]?.region).toBe("eu-west-1");
		expect(residencyOf("umbrella:records", regions)).toEqual(["eu-west-1"]);
		expect(residencyOf("umbrella:records", [regionId("us-east-1")])).toBeUndefined();
		expect(residencyOf("acme:support", regions)).toBeUndefined();
	});

	it("keeps to summer time", () => {
		expect(localTimeIn(CITIES.newYork, Date.UTC(2025, 2, 7, 14)).hour).toBe(9);
		expect(localTimeIn(CITIES.newYork, Date.UTC(2025, 2, 10, 13)).hour).toBe(9);
		expect(localTimeIn(CITIES.bengaluru, Date.UTC(2025, 2, 10, 3, 30)).hour).toBe(9);
	});
});

it("draws Poisson numbers of the mean asked for", () => {
	fc.assert(
		fc.property(fc.double({ min: 0, max: 40, noNaN: true }), fc.nat(), (mean, seed) => {
			const draw = drawsOf(String(seed));
			const n = 400;
			const sum = Array.from({ length: n }, () => poisson(mean, draw)).reduce((a, b) => a + b, 0);
			// six standard deviations
			expect(Math.abs(sum / n - mean)).toBeLessThanOrEqual(6 * Math.sqrt(mean / n) + 1e-9);
		}),
		{ numRuns: 20, seed: 1 },
	);
});

import { beforeEach, describe, expect, test } from "vitest";
import type { RegionId } from "#domain/geography/region-id.ts";
import { createRttTable } from "#domain/geography/round-trip-time.ts";
import { migrationIdOf } from "#domain/migration/migration-id.ts";
import { partitionId } from "#domain/partition/partition-id.ts";
import { HOUR_MS, hourOf } from "#domain/prediction/hours.ts";
import { compareWithHoldout } from "#domain/savings/measure-savings.ts";
import { administer } from "#lambdas/administer/administer.ts";
import { FakePorts, IRELAND, migrationRecord, NOW_MS, partitionRecord, TOKYO, VIRGINIA } from "#test/unit/administer/fake-ports.ts";

/** 2024-01-02T03:04:05Z: 02:00 is the last closed hour. */
const LAST_HOUR = hourOf(NOW_MS) - 1;
const rttMs = createRttTable([VIRGINIA, IRELAND, TOKYO]);
let ports: FakePorts;

beforeEach(async () => {
	ports = new FakePorts();
	ports.planning = { rttMs };
	await ports.metadata.create(partitionRecord("acme", { leader: TOKYO, epoch: 4 }));
	await ports.metadata.create(partitionRecord("still"));
});

const access = (partition: string, region: RegionId, hour: number, count: number, reportHour = hour): void => {
	ports.hourCounts.push({ partition, region, segment: "", hour, count, reportHour });
};

async function savings(query = "") {
	const url = new URL(`/admin/v1/savings${query}`, "http://admin.example");
	const response = await administer(ports, { method: "GET", path: url.pathname, query: url.searchParams, body: "" }, (error) => {
		throw error;
	});
	return { status: response.status, body: response.body as Record<string, never> };
}

/** Moved from Ireland to Tokyo so many hours before the end of the last closed hour, at an epoch. */
const movedAt = (hoursBefore: number, epoch: number, more: object = {}) =>
	ports.migrations.create({
		...migrationRecord(migrationIdOf(partitionId("acme"), epoch), {
			state: "completed",
			epoch,
			soakingSinceMs: (LAST_HOUR + 1 - hoursBefore) * HOUR_MS,
			...more,
		}),
	});

describe("savings", () => {
	test("are the distance to who led in each hour against that to where the partition was first touched", async () => {
		await movedAt(10, 3);
		access("acme", TOKYO, LAST_HOUR - 12, 5); // still in Ireland
		access("acme", TOKYO, LAST_HOUR, 7);
		access("acme", IRELAND, LAST_HOUR, 1); // placement costs this one
		access("still", TOKYO, LAST_HOUR, 4);
		const far = rttMs(TOKYO, IRELAND);
		const { status, body } = await savings();
		expect(status).toBe(200);
		expect(body).toMatchObject({ from: "2024-01-01T03:00:00.000Z", to: "2024-01-02T03:00:00.000Z", accesses: 17, partitionsCounted: 2 });
		const acme = 7 * (far - rttMs(TOKYO, TOKYO)) + (rttMs(IRELAND, IRELAND) - rttMs(IRELAND, TOKYO));
		expect(body["savedMs"]).toBeCloseTo(acme, 6);
		const [first, second] = body["partitions"] as unknown as { partition: string; savedMs: number; staticMeanRttMs: number }[];
		expect([first?.partition, second]).toMatchObject(["acme", { partition: "still", accesses: 4, savedMs: 0, meanRttMs: far }]);
		expect(first?.savedMs).toBeCloseTo(acme, 6);
	});

	test("know of moves that were taken back, and of leaders that came without a migration", async () => {
		await movedAt(10, 3, { state: "rolledBack", endedAt: new Date((LAST_HOUR - 4) * HOUR_MS).toISOString() });
		access("acme", TOKYO, LAST_HOUR - 6, 1);
		access("acme", TOKYO, LAST_HOUR - 2, 1);
		const gain = rttMs(TOKYO, IRELAND) - rttMs(TOKYO, TOKYO);
		await ports.metadata.replace(partitionRecord("acme", { leader: IRELAND, epoch: 5, version: 2 }));
		expect((await savings()).body["savedMs"]).toBeCloseTo(gain, 6);
		await ports.metadata.replace(
			partitionRecord("acme", { leader: TOKYO, epoch: 6, version: 3, leaderSinceMs: (LAST_HOUR - 3) * HOUR_MS }),
		);
		expect((await savings()).body["savedMs"]).toBeCloseTo(2 * gain, 6);
	});

	test("are held against the holdout group, where there is one", async () => {
		await movedAt(48, 3);
		access("acme", TOKYO, LAST_HOUR, 2);
		expect((await savings()).body["againstHoldout"]).not.toHaveProperty("savedMsPerAccess");
		ports.holdoutShare = 1;
		expect((await savings()).body["againstHoldout"]).toMatchObject({ placed: { partitions: 0 }, holdout: { partitions: 1, accesses: 2 } });
	});

	test("are told of one partition, of a period, and of accesses counted late in their own hour", async () => {
		await movedAt(10, 3);
		access("acme", TOKYO, LAST_HOUR - 20, 1, LAST_HOUR);
		access("still", TOKYO, LAST_HOUR, 4);
		const own = await savings("?partition=acme");
		expect(own.body).toMatchObject({ accesses: 1, savedMs: 0, partitionsCounted: 1 });
		expect((await savings("?from=2024-01-01T00:00:00Z&to=2024-01-01T05:00:00Z")).body).toMatchObject({ accesses: 0, savedMs: 0 });
		expect(await savings("?from=2024-02-01T00:00:00Z")).toMatchObject({ status: 400, body: { code: "savings.period" } });
		expect(await savings("?days=3")).toMatchObject({ status: 400, body: { code: "request.invalid-query" } });
	});
});

test("savings come in pages, of the period of the first one, with the sums of all", async () => {
	const names = ["a", "b", "c", "d", "e"];
	for (const name of names) {
		await ports.metadata.create(partitionRecord(name));
		access(name, TOKYO, LAST_HOUR, 1);
	}
	const pages: string[][] = [];
	let query = "?limit=2";
	for (;;) {
		const { body } = await savings(query);
		expect(body).toMatchObject({ accesses: 5, partitionsCounted: 5, to: "2024-01-02T03:00:00.000Z" });
		pages.push((body["partitions"] as unknown as { partition: string }[]).map(({ partition }) => partition));
		if (body["cursor"] === undefined) break;
		query = `?limit=2&cursor=${body["cursor"]}`;
		// another hour closes between two pages
		Object.assign(ports, { clock: { ...ports.clock, nowMs: () => NOW_MS + HOUR_MS } });
	}
	expect(pages).toEqual([["a", "b"], ["c", "d"], ["e"]]);
	expect(await savings("?cursor=x")).toMatchObject({ status: 400, body: { code: "request.invalid-query" } });
});

describe("the comparison with the holdout group", () => {
	test("is what an access saves beyond what it saves where nothing is moved", () => {
		const of = (holdout: boolean, accesses: number, savedMs: number) => ({
			holdout,
			accesses,
			meanRttMs: 50,
			staticMeanRttMs: 50 + savedMs / accesses,
			savedMs,
		});
		const compared = compareWithHoldout([of(false, 100, 3_000), of(false, 50, 0), of(true, 10, -50)]);
		expect(compared).toMatchObject({ placed: { partitions: 2, accesses: 150, savedMs: 3_000 }, holdout: { partitions: 1 } });
		expect(compared.savedMsPerAccess).toBeCloseTo(20 + 5, 9);
	});
});

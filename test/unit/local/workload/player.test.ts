import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { partitionId } from "#domain/partition/partition-id.ts";
import type { LocalCloud } from "#local/cloud.ts";
import { AdminClient } from "#local/workload/admin-client.ts";
import { HttpClient } from "#local/workload/http-client.ts";
import { Ledger } from "#local/workload/ledger.ts";
import { WorkloadPlayer } from "#local/workload/player.ts";
import { readBack } from "#local/workload/read-back.ts";
import { makeReport, reportSchema, writeReport } from "#local/workload/report.ts";
import { settleMigrations } from "#local/workload/settle.ts";
import type { AccessRow } from "#replay/readers/access-row.ts";
import { AWAY, FakeEdge, HOME } from "#test/unit/local/workload/fake-edge.ts";

const START = Date.UTC(2023, 0);
const HOUR = 3_600_000;
const SEED = 7;

const rowsOf = (n: number, change: (index: number) => Partial<AccessRow> = () => ({})): AccessRow[] =>
	Array.from({ length: n }, (_, index) => ({
		tsMs: START + index * HOUR,
		partition: partitionId(`p${index % 3}`),
		region: index % 2 === 0 ? HOME : AWAY,
		count: 1,
		line: index + 2,
		...change(index),
	}));

async function* batches(rows: readonly AccessRow[], size = 5): AsyncGenerator<readonly AccessRow[]> {
	for (let start = 0; start < rows.length; start += size) yield rows.slice(start, start + size);
}

let folder: string;
let edge: FakeEdge;
let cloud: LocalCloud;
let client: HttpClient;
let ledger: Ledger;

beforeEach(async () => {
	folder = mkdtempSync(join(tmpdir(), "heliotrope-workload-"));
	edge = new FakeEdge(START);
	cloud = await edge.start();
	client = new HttpClient(cloud.url);
	ledger = new Ledger(folder);
});

afterEach(async () => {
	client.close();
	ledger.close();
	await cloud.stop();
	rmSync(folder, { recursive: true, force: true });
});

const player = (rows: readonly AccessRow[], into = ledger): WorkloadPlayer =>
	new WorkloadPlayer({ cloud, client, ledger: into, rows: batches(rows), seed: SEED });

const report = async (settled = true): Promise<Awaited<ReturnType<typeof makeReport>>> => {
	const found = await readBack({ ledger, client, clock: cloud.clock });
	return makeReport({ ledger, admin: new AdminClient(cloud), rowsSkipped: { "bad-time": 3 }, found, settled, settings: { seed: SEED } });
};

describe("playing rows", () => {
	it("makes every row a request at its time, from its region", async () => {
		const rows = rowsOf(100, (index) => (index % 5 === 4 ? { op: "read" } : {}));
		expect(await player(rows).run()).toBe("ended");
		expect(edge.seen.map((seen) => seen.atMs)).toEqual(rows.map((row) => row.tsMs));
		expect(edge.seen.map((seen) => seen.headers["x-viewer-region"])).toEqual(rows.map((row) => row.region));
		expect(edge.seen.map((seen) => seen.method)).toEqual(rows.map((row) => (row.op === "read" ? "GET" : "PUT")));
		const result = await report();
		expect(result).toMatchObject({ rows: 100, requests: 100, errors: 0, lostWrites: 0, wrongReads: 0, rowsSkipped: { "bad-time": 3 } });
		expect(result.servedByRegion).toEqual({ [HOME]: 100 });
		expect(result.servedNear).toBe(0.5);
		expect(result.servedByLeaderRegion).toBe(1);
		expect(result.meanRttMs).toBe(40.5);
		expect([result.p50RttMs, result.p95RttMs]).toEqual([1, 80]);
	});

	it("compares with each partition staying where it was first written", async () => {
		const rows = rowsOf(6, (index) => ({ partition: partitionId("p"), region: index === 0 ? AWAY : HOME }));
		await player(rows).run();
		const result = await report();
		expect(result.staticMeanRttMs).toBe(80);
		expect(result.meanRttMs).toBeCloseTo((80 + 5) / 6, 3);
	});

	it("repeats a row by its count, 1 ms apart, up to the cap", async () => {
		await player(rowsOf(2, (index) => ({ count: index === 0 ? 3 : 250, tsMs: START }))).run();
		expect(edge.seen).toHaveLength(103);
		expect(new Set(edge.seen.map((seen) => seen.body)).size).toBe(103);
		expect(await report()).toMatchObject({ rows: 2, requests: 103, countTruncated: 150, lostWrites: 0 });
	});

	it("plays the same requests at the same times when run again", async () => {
		const rows = rowsOf(60, () => ({ tsMs: START, count: 2 }));
		await player(rows).run();
		const first = edge.seen.map(({ atMs, url, body }) => ({ atMs, url, body }));
		const again = new FakeEdge(START);
		const other = await again.start();
		mkdirSync(join(folder, "again"));
		const second = new Ledger(join(folder, "again"));
		await new WorkloadPlayer({ cloud: other, client: new HttpClient(other.url), ledger: second, rows: batches(rows), seed: SEED }).run();
		expect(again.seen.map(({ atMs, url, body }) => ({ atMs, url, body }))).toEqual(first);
		second.close();
		await other.stop();
	});

	it("tells once when a partition is first written", async () => {
		const told: string[] = [];
		const onFirstWrite = async (partition: string): Promise<void> => void told.push(partition);
		await new WorkloadPlayer({ cloud, client, ledger, rows: batches(rowsOf(9)), seed: SEED, onFirstWrite }).run();
		expect(told).toEqual(["p0", "p1", "p2"]);
	});

	it("passes on what the rows throw", async () => {
		const broken = async function* (): AsyncGenerator<readonly AccessRow[]> {
			yield rowsOf(40);
			throw new Error("cut off");
		};
		await expect(new WorkloadPlayer({ cloud, client, ledger, rows: broken(), seed: SEED }).run()).rejects.toThrow("cut off");
	});
});

describe("trouble", () => {
	it("waits Retry-After in the clock's time, and keeps requests for one key in order", async () => {
		const rows = rowsOf(40, (index) => ({ partition: partitionId("p"), tsMs: START + index }));
		edge.trouble = (_, nth) => (nth === 0 || nth === 1 ? { status: 503, headers: { "retry-after": "2" } } : undefined);
		await player(rows).run();
		const retried = edge.seen.filter((seen) => seen.body === edge.seen[0]?.body);
		expect(retried.map((seen) => seen.atMs)).toEqual([START, START + 2000]);
		const perKey = new Map<string, number[]>();
		for (const { url, body } of edge.seen.slice(2)) perKey.set(url, [...(perKey.get(url) ?? []), JSON.parse(body).line]);
		for (const lines of perKey.values()) expect(lines).toEqual(lines.toSorted((a, b) => a - b));
		expect(await report()).toMatchObject({ retries: 2, errors: 0, lostWrites: 0 });
	});

	it("sends again after a dropped connection, carried out or not", async () => {
		edge.trouble = (_, nth) => (nth === 3 ? "drop" : nth === 7 ? "drop-after" : undefined);
		await player(rowsOf(20)).run();
		expect(await report()).toMatchObject({ requests: 20, retries: 2, errors: 0, lostWrites: 0 });
	});

	it("counts unexpected answers with a sample and expects nothing of refused writes", async () => {
		edge.trouble = (seen) => (seen.method === "PUT" ? { status: 400 } : undefined);
		await player(rowsOf(3)).run();
		const result = await report();
		expect(result).toMatchObject({ requests: 3, errors: 3, lostWrites: 0 });
		expect(result.samples[0]).toContain("line 2");
	});

	it("finds writes that were lost or replaced, and reads that were stale", async () => {
		const rows = rowsOf(30);
		await player(rows).run();
		const [first, second] = [...edge.items.keys()];
		edge.items.delete(first ?? "");
		edge.items.set(second ?? "", "something else");
		const result = await report();
		expect(result.lostWrites).toBe(2);
		expect(result.samples.join()).toContain("found nothing");
		edge.items.clear();
		const reads = rows.map((row): AccessRow => ({ ...row, op: "read", line: row.line }));
		await player([...rows, ...reads]).run();
		expect((await report()).wrongReads).toBe(30);
	});

	it("counts keys that cannot be read back as lost", async () => {
		await player(rowsOf(4)).run();
		edge.trouble = () => ({ status: 500 });
		const result = await report();
		expect(result.lostWrites).toBe(result.readBack.keys);
		expect(result.readBack.unreadable).toBe(result.readBack.keys);
	});
});

describe("resuming", () => {
	it("goes on after the last row done, sends rows in doubt again and reports the whole run", async () => {
		const rows = rowsOf(50);
		const late = Promise.withResolvers<void>();
		let copied = false;
		edge.trouble = (_, nth) => {
			if (nth !== 20 || copied) return undefined;
			copied = true;
			// What SIGKILL would leave at this instant: the request is on its way, its outcome unknown.
			mkdirSync(join(folder, "killed"));
			for (const file of readdirSync(folder))
				if (file.startsWith("workload")) copyFileSync(join(folder, file), join(folder, "killed", file));
			late.resolve();
			return undefined;
		};
		const first = player(rows);
		const running = first.run();
		await late.promise;
		first.stop();
		expect(await running).toBe("stopped");
		const before = edge.seen.length;
		const resumed = new Ledger(join(folder, "killed"));
		expect(resumed.openRequests()).toEqual([20]);
		expect(await player(rows, resumed).run()).toBe("ended");
		expect(JSON.parse(edge.seen[before]?.body ?? "").line).toBe(22);
		expect(edge.seen.slice(before)).toHaveLength(30);
		ledger.close();
		ledger = resumed;
		expect(await report()).toMatchObject({ rows: 50, requests: 50, lostWrites: 0 });
	});

	it("has nothing to play once ended, and refuses another run", async () => {
		await player(rowsOf(5)).run();
		expect(await player(rowsOf(5)).run()).toBe("ended");
		expect(edge.seen).toHaveLength(5);
		ledger.claim(folder, { trace: "a.csv" });
		ledger.claim(folder, { trace: "a.csv" });
		expect(() => ledger.claim(folder, { trace: "b.csv" })).toThrow(/holds a run with trace a.csv, not b.csv/);
	});
});

describe("the end of a run", () => {
	it("waits for migrations in the clock's time, within a limit", async () => {
		edge.running = [2, 1, 0];
		expect(await settleMigrations(new AdminClient(cloud), cloud.clock, () => false)).toBe(true);
		expect(cloud.clock.nowMs()).toBe(START + 60_000);
		edge.running = [1];
		expect(await settleMigrations(new AdminClient(cloud), cloud.clock, () => false, 300)).toBe(false);
		expect(cloud.clock.nowMs()).toBe(START + 360_000);
	});

	it("writes a report of the promised shape", async () => {
		await player(rowsOf(5)).run();
		const file = join(folder, "out.json");
		await writeReport(file, await report());
		const before = (await report()).decisionsDigest;
		edge.decisions = [{ decisionId: "d", verdict: "stay", reason: "cool-down" }];
		expect((await report()).decisionsDigest).not.toBe(before);
		const { default: read } = await import(file, { with: { type: "json" } });
		expect(reportSchema.parse(read).migrations).toMatchObject({ started: 3, completed: 2, cancelled: 1, rolledBack: 0 });
		expect(read.decisions).toBe(7);
	});
});

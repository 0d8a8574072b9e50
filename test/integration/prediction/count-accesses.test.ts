import { DynamoDBDocumentClient, ScanCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createAccessCounts } from "#adapters/dynamodb/access-counts.ts";
import { createPartitionStates } from "#adapters/dynamodb/partition-states.ts";
import { regionId } from "#domain/geography/region-id.ts";
import { partitionId } from "#domain/partition/partition-id.ts";
import { mergeSlices } from "#domain/partition-state/window.ts";
import type { PartitionStates } from "#domain/ports/partition-states.ts";
import { HOUR_MS, hourOf } from "#domain/prediction/hours.ts";
import { SHARDS } from "#domain/prediction/settings.ts";
import { type CountWindowDeps, countWindow } from "#lambdas/count-accesses/count-window.ts";
import { LastServed } from "#lambdas/count-accesses/last-served.ts";
import { viewerLocator } from "#lambdas/count-accesses/viewer-locator.ts";
import { dataApiPartition } from "#test/__helpers__/data-api-partition.ts";
import { engineAvailable, startEngine, type TestEngine } from "#test/__helpers__/engine.ts";
import fc from "#test/__helpers__/fast-check.ts";
import { ManualClock } from "#test/__helpers__/manual-clock.ts";
import { type LogEntry, logLine, windowEvent } from "#test/integration/prediction/access-log.ts";

const REGIONS = ["us-east-1", "eu-west-1"].map(regionId);
const END_MS = Date.parse("2024-03-04T05:10:00Z");

describe.skipIf(!engineAvailable)("counting on a real engine", () => {
	let engine: TestEngine;
	let client: DynamoDBDocumentClient;
	let tables = 0;
	beforeAll(async () => {
		engine = await startEngine();
		client = DynamoDBDocumentClient.from(engine.client());
	});
	afterAll(() => engine.stop());

	async function freshDeps(): Promise<CountWindowDeps & { states: PartitionStates; tableName: string }> {
		tables += 1;
		const tableName = `telemetry${tables}`;
		const stateTable = `state${tables}`;
		await engine.createTable(tableName);
		await engine.createTable(stateTable);
		const clock = new ManualClock(END_MS);
		return {
			counts: createAccessCounts({ client, tableName, clock }, stateTable),
			states: createPartitionStates({ client, tableName: stateTable, clock }),
			lastServed: new LastServed(),
			locate: viewerLocator(REGIONS),
			partitionOf: dataApiPartition,
			clock,
			log: () => {},
			count: () => {},
			controlRegion: regionId("us-east-1"),
			rttMs: (from, to) => (from === to ? 1 : 80),
			tableName,
		};
	}

	/** Every count of the hours around, by what it counts. */
	async function counted({ counts }: CountWindowDeps): Promise<Record<string, number>> {
		const reported = await counts.reportedShards(hourOf(END_MS) - 30, hourOf(END_MS) + 1);
		const all = await Promise.all(reported.flatMap(({ hour, shards }) => shards.map((shard) => counts.readHour(hour, shard))));
		return Object.fromEntries(
			all.flat().map(({ partition, region, segment, hour, count }) => [`${partition} ${region} ${segment} ${hour}`, count]),
		);
	}

	const entry = fc.record({
		atMs: fc.integer({ min: END_MS - 3 * HOUR_MS, max: END_MS }),
		partition: fc.constantFrom("a", "b", "c", "d", "e:f"),
		region: fc.constantFrom(...REGIONS),
		segment: fc.constantFrom(undefined, "office", "a#b|c"),
		requestId: fc.integer({ min: 0, max: 40 }).map(String),
		status: fc.constantFrom(200, 404, 503),
	});

	it("counts every request once, however batches are cut, reordered, repeated and redelivered", async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.array(entry, { minLength: 1, maxLength: 30 }),
				fc.integer({ min: 1, max: 9 }),
				fc.infiniteStream(fc.nat()),
				async (entries, size, random) => {
					// one request has one record, whatever the generator says
					const requests = [...new Map(entries.map((one) => [one.requestId, one as LogEntry])).values()];
					const lines = requests
						.flatMap((one) => [logLine(one), "garbage", logLine(one)])
						.sort(() => (Number(random.next().value) % 3) - 1);
					const deps = await freshDeps();
					let state: unknown = {};
					for (let from = 0; from < lines.length; from += size) {
						const batch = windowEvent({ lines: lines.slice(from, from + size), endMs: END_MS, state, final: false, sequence: from });
						await countWindow(deps, batch);
						state = (await countWindow(deps, batch)).state;
					}
					const final = windowEvent({ lines: [], endMs: END_MS, state: JSON.parse(JSON.stringify(state)) });
					await countWindow(deps, final);
					await countWindow(deps, final);
					const expected: Record<string, number> = {};
					for (const { partition, region, segment = "", atMs, status } of requests) {
						if (status === 503) continue;
						const key = `${partition} ${region} ${segment} ${hourOf(atMs)}`;
						expected[key] = (expected[key] ?? 0) + 1;
					}
					expect(await counted(deps)).toEqual(expected);
				},
			),
			{ numRuns: 15, verbose: true },
		);
	});

	it("finishes a window of several transactions that was interrupted, and adds nothing twice", async () => {
		const deps = await freshDeps();
		const lines = Array.from({ length: 250 }, (_, index) =>
			logLine({ atMs: END_MS - 1000, partition: `p${index}`, region: "eu-west-1", requestId: String(index) }),
		);
		const event = windowEvent({ lines, endMs: END_MS });
		let sent = 0;
		const failing = new Proxy(client, {
			get(target, name) {
				if (name !== "send") return Reflect.get(target, name);
				return (command: { constructor: { name: string } }) => {
					if (command.constructor.name === "TransactWriteCommand" && ++sent === 2)
						throw Object.assign(new Error("denied"), { name: "AccessDeniedException" });
					return target.send(command as never);
				};
			},
		});
		const counts = createAccessCounts({ client: failing, tableName: deps.tableName, clock: deps.clock });
		await expect(countWindow({ ...deps, counts }, event)).rejects.toThrow("denied");
		expect(Object.keys(await counted(deps))).toHaveLength(90);
		await countWindow(deps, event);
		const totals = await counted(deps);
		expect(Object.keys(totals)).toHaveLength(250);
		expect(new Set(Object.values(totals))).toEqual(new Set([1]));
	});

	it("reports stragglers with an open hour, never with one that a run may have read", async () => {
		const deps = await freshDeps();
		const late = { atMs: END_MS - 5 * HOUR_MS, partition: "a", region: "eu-west-1", requestId: "late" };
		const metrics: Record<string, number> = {};
		const count = (name: string, value: number): void => {
			metrics[name] = value;
		};
		await countWindow({ ...deps, count }, windowEvent({ lines: [logLine(late)], endMs: END_MS }));
		const nobodyServed = { RequestsServed: 0, RequestsServedNear: 0, RoundTripSavedMs: 0 };
		expect(metrics).toEqual({ AccessesCounted: 1, LateAccesses: 1, RecordsSkipped: 0, ...nobodyServed });
		const { Items = [] } = await client.send(new ScanCommand({ TableName: deps.tableName }));
		expect(Items.map((item) => `${item["pk"]} ${item["sk"]}`).sort()).toEqual([
			"C#2024-03-04T05:00:00Z shards",
			expect.stringMatching(/^C#2024-03-04T05:00:00Z#[0-3] a#eu-west-1##2024-03-04T00:00:00Z$/),
			"M#shardId-000000000000#2024-03-04T05:09:00.000Z#0000000000000000#0 marker",
		]);
		expect(SHARDS).toBe(4);
	});

	it("tells how near viewers were served, and what that saved against the control region alone, over all batches of a window", async () => {
		const deps = await freshDeps();
		const metrics: Record<string, number> = {};
		const count = (name: string, value: number): void => {
			metrics[name] = value;
		};
		const line = (requestId: string, region: string, served: string) =>
			logLine({ atMs: END_MS - 30_000, partition: "a", region, requestId, served });
		const near = line("1", "eu-west-1", "eu-west-1");
		const first = await countWindow({ ...deps, count }, windowEvent({ lines: [near, near], endMs: END_MS, final: false }));
		expect(metrics).toEqual({});
		const rest = [line("2", "eu-west-1", "us-east-1"), line("3", "us-east-1", "eu-west-1"), line("4", "us-east-1", "us-east-1")];
		await countWindow({ ...deps, count }, windowEvent({ lines: rest, endMs: END_MS, state: first.state, sequence: 2 }));
		// Saved: 79 ms once; paid: 79 ms once
		expect(metrics).toMatchObject({ RequestsServed: 4, RequestsServedNear: 2, RoundTripSavedMs: 0 });
	});

	it("keeps the partition's state by the region that served, failures included, each request once", async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.array(entry, { minLength: 1, maxLength: 30 }),
				fc.integer({ min: 7, max: 60 }),
				fc.constantFrom(0, 3, 120),
				async (entries, size, padding) => {
					const requests = [...new Map(entries.map((one) => [one.requestId, { ...(one as LogEntry), served: one.region }])).values()];
					const others = Array.from({ length: padding }, (_, index) =>
						logLine({ atMs: END_MS, partition: `other${index}`, region: "eu-west-1", requestId: `o${index}`, served: "eu-west-1" }),
					);
					const lines = [...requests.flatMap((one) => [logLine(one), logLine(one)]), ...others];
					const deps = await freshDeps();
					let state: unknown = {};
					for (let from = 0; from < lines.length; from += size) {
						const batch = windowEvent({ lines: lines.slice(from, from + size), endMs: END_MS, state, final: false, sequence: from });
						state = (await countWindow(deps, batch)).state;
					}
					const final = windowEvent({ lines: [], endMs: END_MS, state: JSON.parse(JSON.stringify(state)) });
					await countWindow(deps, final);
					await countWindow(deps, final);
					const expected: Record<string, { requests: number; errors: number }> = {};
					for (const { partition, region, status } of requests) {
						const known = expected[`${partition} ${region}`] ?? { requests: 0, errors: 0 };
						expected[`${partition} ${region}`] = { requests: known.requests + 1, errors: known.errors + (status === 503 ? 1 : 0) };
					}
					const found: typeof expected = {};
					for (const partition of new Set(requests.map((one) => one.partition))) {
						const { slices } = await deps.states.read(partitionId(partition), END_MS - 4 * HOUR_MS, END_MS);
						for (const [region, { requests: n, errors }] of Object.entries(mergeSlices(slices)))
							found[`${partition} ${region}`] = { requests: n, errors };
					}
					expect(found).toEqual(expected);
				},
			),
			{ numRuns: 5, verbose: true },
		);
	});

	it("writes the state of a partition with each batch while two regions serve it, of others at the window's end", async () => {
		const deps = await freshDeps();
		const line = (partition: string, served: string, requestId: string, atMs = END_MS - 30_000) =>
			logLine({ atMs, partition, region: "eu-west-1", requestId, served });
		const batch = [line("still", "eu-west-1", "1"), line("moving", "eu-west-1", "2"), line("moving", "us-east-1", "3", END_MS - 5_000)];
		const { state } = await countWindow(deps, windowEvent({ lines: batch, endMs: END_MS, final: false }));
		const requestsOf = async (partition: string, sinceMs: number) =>
			Object.entries(mergeSlices((await deps.states.read(partitionId(partition), sinceMs, END_MS)).slices)).map(([region, seen]) => [
				region,
				seen.requests,
			]);
		expect(await requestsOf("still", 0)).toEqual([]);
		expect(await requestsOf("moving", 0)).toEqual([
			["eu-west-1", 1],
			["us-east-1", 1],
		]);
		expect(await requestsOf("moving", END_MS - 20_000)).toEqual([["us-east-1", 1]]);
		await countWindow(deps, windowEvent({ lines: [], endMs: END_MS, state }));
		expect(await requestsOf("still", 0)).toEqual([["eu-west-1", 1]]);
		expect(await requestsOf("moving", 0)).toEqual([
			["eu-west-1", 1],
			["us-east-1", 1],
		]);
		// the next window has but one region, another than before
		const later = { lines: [line("still", "us-east-1", "4", END_MS + 11_000)], endMs: END_MS + 60_000, final: false, sequence: 10 };
		await countWindow(deps, windowEvent(later));
		expect(await requestsOf("still", 0)).toEqual([["eu-west-1", 1]]);
		expect(Object.keys(mergeSlices((await deps.states.read(partitionId("still"), 0, END_MS + 60_000)).slices))).toEqual([
			"eu-west-1",
			"us-east-1",
		]);
	});

	it("keeps sizes, and counts divergences by region and time", async () => {
		const { states } = await freshDeps();
		const partition = partitionId("acme");
		expect(await states.readSize(partition)).toBeUndefined();
		await states.writeSize(partition, { items: 3, bytes: 99, measuredAtMs: 5 });
		expect(await states.readSize(partition)).toEqual({ items: 3, bytes: 99, measuredAtMs: 5 });
		for (const atMs of [END_MS, END_MS, END_MS - HOUR_MS]) await states.addDivergence(partition, regionId("us-east-1"), atMs);
		expect(await states.read(partition, END_MS - 1000 * 60, END_MS)).toEqual({ slices: [], viewers: {}, divergences: { "us-east-1": 2 } });
	});
});

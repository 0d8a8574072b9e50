import { DynamoDBDocumentClient, ScanCommand } from "@aws-sdk/lib-dynamodb";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createAccessCounts } from "#adapters/dynamodb/access-counts.ts";
import { regionId } from "#domain/geography/region-id.ts";
import { HOUR_MS, hourOf } from "#domain/prediction/hours.ts";
import { SHARDS } from "#domain/prediction/settings.ts";
import { type CountWindowDeps, countWindow } from "#lambdas/count-accesses/count-window.ts";
import { viewerLocator } from "#lambdas/count-accesses/handler.ts";
import { engineAvailable, startEngine, type TestEngine } from "#test/__helpers__/engine.ts";
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

	async function freshDeps(): Promise<CountWindowDeps & { tableName: string }> {
		tables += 1;
		const tableName = `telemetry${tables}`;
		await engine.createTable(tableName);
		const clock = new ManualClock(END_MS);
		return { counts: createAccessCounts({ client, tableName, clock }), locate: viewerLocator(REGIONS), clock, log: () => {}, tableName };
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
		await countWindow(deps, windowEvent({ lines: [logLine(late)], endMs: END_MS }));
		const { Items = [] } = await client.send(new ScanCommand({ TableName: deps.tableName }));
		expect(Items.map((item) => `${item["pk"]} ${item["sk"]}`).sort()).toEqual([
			"C#2024-03-04T05:00:00Z shards",
			expect.stringMatching(/^C#2024-03-04T05:00:00Z#[0-3] a#eu-west-1##2024-03-04T00:00:00Z$/),
			"M#shardId-000000000000#2024-03-04T05:09:00.000Z#0000000000000000#0 marker",
		]);
		expect(SHARDS).toBe(4);
	});
});

import type { DynamoDBRecord, LambdaFunctionURLEvent } from "aws-lambda";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createFeedReportsOf, createParkedKeysOf, createRegionalStores } from "#adapters/dynamodb/dynamodb-regional-store.ts";
import type { RegionId } from "#domain/geography/region-id.ts";
import type { Fence } from "#domain/partition/fence.ts";
import { bucketsOf } from "#domain/partition/partition-id.ts";
import { sweepParked } from "#domain/partition/sweep-parked.ts";
import type { FeedReports } from "#domain/ports/feed-reports.ts";
import type { RegionalStore } from "#domain/ports/regional-store.ts";
import { bucketOf } from "#domain/ring/ring.ts";
import { createCarryBatch } from "#lambdas/carry-stream/carry-batch.ts";
import { createReportFeed } from "#lambdas/carry-stream/report-feed.ts";
import { openAccess } from "#lambdas/serve-data/access.ts";
import { oneCursorKey } from "#lambdas/serve-data/cursor-keys.ts";
import { createDataPlane } from "#lambdas/serve-data/data-plane.ts";
import { FenceBook } from "#lambdas/serve-data/fence-book.ts";
import { EU, functionUrlEvent, P, US } from "#test/__helpers__/data-plane-world.ts";
import { engineAvailable, startEngine, type TestEngine } from "#test/__helpers__/engine.ts";
import { ManualClock } from "#test/__helpers__/manual-clock.ts";
import { MemoryMetadata } from "#test/__helpers__/memory-metadata-store.ts";

const SESSION = { "x-heliotrope-consistency": "session" };
const EVENTUAL = { "x-heliotrope-consistency": "eventual" };

describe.skipIf(!engineAvailable)("a leader and a follower, each with a table on a real engine", () => {
	let engine: TestEngine;
	const clock = new ManualClock();
	const stores = new Map<RegionId, RegionalStore>();
	const feeds = new Map<RegionId, FeedReports>();
	const planes = new Map<RegionId, ReturnType<typeof createDataPlane>>();
	const of = <T>(map: ReadonlyMap<RegionId, T>, region: RegionId): T => map.get(region) ?? expect.fail(`no ${region}`);

	beforeAll(async () => {
		engine = await startEngine();
		for (const region of [EU, US]) {
			await engine.createTable(region);
			const options = { tableName: region, clock, regions: [EU, US], clientFor: () => engine.client() };
			const store = createRegionalStores(options)(region);
			stores.set(region, store);
			feeds.set(region, createFeedReportsOf(options)(region));
			const plane = createDataPlane({
				region,
				access: openAccess,
				cursorKeys: oneCursorKey(new Uint8Array(32)),
				store,
				fences: new FenceBook(store, clock),
				feeds: of(feeds, region),
				metadata: new MemoryMetadata().store(),
				forward: async (to, { method, target, headers, body }) => {
					const answer = await of(planes, to)(functionUrlEvent(method, target, "", { ...headers }, body));
					return {
						status: answer.statusCode ?? 0,
						headers: Object.fromEntries(Object.entries(answer.headers ?? {}).map(([name, value]) => [name, String(value)])),
						body: Buffer.from(answer.body ?? "", answer.isBase64Encoded === true ? "base64" : "utf8"),
					};
				},
				clock,
				random: { next: () => 0.5, id: () => `id-${Math.floor(clock.nowMs())}-${++ids}` },
				log: () => {},
			});
			planes.set(region, plane);
		}
		const common = { epoch: 1, mode: "steady", leader: EU, buckets: 2 } as const;
		await fence(EU, { ...common, role: "leader", peers: [US] });
		await fence(US, { ...common, role: "follower", peers: [] });
	});
	afterAll(() => engine?.stop());

	let ids = 0;
	const fence = async (region: RegionId, next: Omit<Fence, "seq">) => {
		const changes = bucketsOf(P, 2).map(({ bucket }) => ({ bucket, expect: "absent" as const, next }));
		expect(await of(stores, region).changeFences(P, changes)).toBe("applied");
	};
	const ask = async (region: RegionId, method: string, path: string, headers: Record<string, string> = {}, body = "") => {
		const buckets = { "x-heliotrope-buckets": "2" };
		const event = functionUrlEvent(method, `/v1/partitions/${P}/${path}`, "", { ...buckets, ...headers }, body) as LambdaFunctionURLEvent;
		const { statusCode, headers: answered = {}, body: text = "", isBase64Encoded } = await of(planes, region)(event);
		return {
			status: statusCode,
			region: answered["x-heliotrope-region"],
			staleness: answered["x-heliotrope-staleness-ms"],
			token: String(answered["x-heliotrope-session"]),
			text: Buffer.from(text, isBase64Encoded === true ? "base64" : "utf8").toString(),
		};
	};
	const carrier = () => ({
		stores: (region: RegionId) => of(stores, region),
		region: EU,
		parked: createParkedKeysOf({ tableName: EU, clock, regions: [EU], clientFor: () => engine.client() })(EU),
	});
	/** What the stream of EU hands to its carrier. */
	const carry = (...keys: string[]) => {
		const record = (key: string): DynamoDBRecord => ({
			eventName: "MODIFY",
			dynamodb: {
				SequenceNumber: String(++ids),
				ApproximateCreationDateTime: Math.floor(clock.nowMs() / 1000),
				Keys: { pk: { S: `${P}#${bucketOf(key, 2)}` }, sk: { S: `item#${key}` } },
			},
		});
		const report = createReportFeed((region) => of(feeds, region));
		return createCarryBatch({ ...carrier(), clock, report, log: () => {} })({ Records: keys.map(record) });
	};

	it("serve a session where its version is", async () => {
		const written = await ask(US, "PUT", "items/k", SESSION, "v1");
		const token = { ...SESSION, "x-heliotrope-session": written.token };
		expect(await ask(US, "GET", "items/k", token)).toMatchObject({ text: "v1", region: EU });
		expect(await carry("k")).toEqual({ batchItemFailures: [] });
		expect(await ask(US, "GET", "items/k", token)).toMatchObject({ text: "v1", region: US, token: written.token });
		const gone = await ask(US, "DELETE", "items/k", token);
		expect(await ask(US, "GET", "items/k", { ...SESSION, "x-heliotrope-session": gone.token })).toMatchObject({ status: 404, region: EU });
		await carry("k");
		expect(await ask(US, "GET", "items/k", { ...SESSION, "x-heliotrope-session": gone.token })).toMatchObject({ status: 404, region: US });
	});

	it("state the age of what the feed has reported", async () => {
		const keys = ["a", "b", "c", "d"];
		clock.advance(10_000);
		for (const key of keys) await ask(EU, "PUT", `items/${key}`, {}, key);
		await carry(...keys);
		clock.advance(3_000);
		for (const path of ["items/a", "items/none", "items"]) {
			const near = await ask(US, "GET", path, EVENTUAL);
			expect(near.region).toBe(US);
			expect(Number(near.staleness)).toBeGreaterThanOrEqual(3_000);
			expect(Number(near.staleness)).toBeLessThan(4_001);
		}
		expect(JSON.parse((await ask(US, "GET", "items", EVENTUAL)).text).items).toHaveLength(4);
	});

	it("get by a sweep what could not be carried to them", async () => {
		const keys = Array.from({ length: 24 }, (_, i) => `swept${i}`);
		for (const key of keys) await ask(EU, "PUT", `items/${key}`, {}, key);
		const follower = { epoch: 1, mode: "steady", leader: EU, buckets: 2, peers: [] } as const;
		const turn = (role: "follower" | "removing") =>
			of(stores, US).changeFences(
				P,
				bucketsOf(P, 2).map(({ bucket }) => ({ bucket, expect: { epoch: 1 }, next: { ...follower, role } })),
			);
		await turn("removing");
		expect(await carry(...keys)).toEqual({ batchItemFailures: [] });
		const sweep = () =>
			sweepParked(
				{ ...carrier(), clock, random: { next: () => 0.3 }, onDefect: (_, error) => expect.fail(String(error)) },
				clock.nowMs() + 1,
			);
		expect(await sweep()).toEqual({ buckets: 2, carried: 0, owed: 24 });
		await turn("follower");
		expect(await sweep()).toEqual({ buckets: 2, carried: 24, owed: 0 });
		expect(await sweep()).toEqual({ buckets: 0, carried: 0, owed: 0 });
		for (const key of keys) expect(await of(stores, US).readItem({ partition: P, bucket: bucketOf(key, 2) }, key)).toMatchObject({ key });
	});
});

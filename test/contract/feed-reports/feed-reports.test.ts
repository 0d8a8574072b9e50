import { GetItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createFeedReportsOf } from "#adapters/dynamodb/dynamodb-regional-store.ts";
import { partitionId } from "#domain/partition/partition-id.ts";
import type { FeedReports } from "#domain/ports/feed-reports.ts";
import { MemoryFeedReports } from "#simulation/stores/memory-feed-reports.ts";
import { EU, US } from "#test/__helpers__/data-plane-world.ts";
import { engineAvailable, startEngine, type TestEngine } from "#test/__helpers__/engine.ts";
import { ManualClock } from "#test/__helpers__/manual-clock.ts";

const partition = partitionId("tenant:1");

function describeFeedReports(name: string, make: () => FeedReports): void {
	describe(`feed reports in ${name}`, () => {
		it("keep the latest of each bucket, in whatever order they come", async () => {
			const feeds = make();
			const [first, second] = [1, 2].map((bucket) => ({ partition: partitionId(`${name}.${bucket}`), bucket }));
			if (first === undefined || second === undefined) throw new Error("two buckets");
			expect(await feeds.read(first)).toBeUndefined();
			await Promise.all([3_000, 1_000, 5_000, 2_000, 5_000].map((throughMs) => feeds.advance(first, throughMs)));
			await feeds.advance(first, 4_999);
			expect([await feeds.read(first), await feeds.read(second)]).toEqual([5_000, undefined]);
		});
	});
}

describeFeedReports("memory", () => new MemoryFeedReports());

describe.skipIf(!engineAvailable)("on a real engine", () => {
	let engine: TestEngine;
	beforeAll(async () => {
		engine = await startEngine();
		await engine.createTable("data");
	});
	afterAll(() => engine?.stop());
	const feedsAt = () =>
		createFeedReportsOf({ tableName: "data", clock: new ManualClock(), regions: [EU], clientFor: () => engine.client() })(EU);
	describeFeedReports("DynamoDB", feedsAt);

	it("vanish a week after they were last renewed, in no region but the deployment's", async () => {
		const ref = { partition, bucket: 0 };
		await feedsAt().advance(ref, 1_700_000_000_500);
		const key = { pk: { S: `${partition}#0` }, sk: { S: "feed" } };
		const { Item } = await engine.client().send(new GetItemCommand({ TableName: "data", Key: key }));
		expect(Item?.["expiresAt"]).toEqual({ N: String(1_700_000_001 + 7 * 24 * 3600) });
		expect(() => createFeedReportsOf({ tableName: "data", clock: new ManualClock(), regions: [EU] })(US)).toThrow("not a region");
	});
});

import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createBucketScanner } from "#adapters/dynamodb/bucket-scanner.ts";
import { createRegionalStore } from "#adapters/dynamodb/dynamodb-regional-store.ts";
import { createOrphanStore } from "#adapters/dynamodb/orphan-store.ts";
import { regionId } from "#domain/geography/region-id.ts";
import { FenceRole, WriteMode } from "#domain/partition/fence.ts";
import { type BucketRef, bucketsOf, partitionId } from "#domain/partition/partition-id.ts";
import { engineAvailable, startEngine, type TestEngine } from "#test/__helpers__/engine.ts";
import { ManualClock } from "#test/__helpers__/manual-clock.ts";

const REGION = regionId("eu-west-1");
const clock = new ManualClock();

describe.skipIf(!engineAvailable)("orphans on the real engine", () => {
	let engine: TestEngine;
	beforeAll(async () => {
		engine = await startEngine();
		await engine.createTable("data");
		await engine.createTable("decisions");
	});
	afterAll(() => engine.stop());

	it("a walk over buckets meets each once and costs one page for a large one", async () => {
		const store = createRegionalStore({ client: engine.client(), tableName: "data", region: REGION, clock });
		const partitions = ["a", "b:c", "large", "z~z"].map(partitionId);
		const next = { role: FenceRole.Leader, epoch: 1, mode: WriteMode.Steady, peers: [], leader: REGION, buckets: 2 };
		const write = (ref: BucketRef, key: string) =>
			store.writeSteady(
				ref,
				{ key, content: { body: new Uint8Array([1]), contentType: "a/b" }, precondition: { kind: "none" }, requestId: key, nowMs: 0 },
				{ epoch: 1, validUntilMs: Number.POSITIVE_INFINITY },
			);
		for (const partition of partitions) {
			await store.changeFences(
				partition,
				bucketsOf(partition, 2).map(({ bucket }) => ({ bucket, expect: "absent", next })),
			);
			for (let n = 0; n < (partition === "large" ? 40 : 1); n++) await write({ partition, bucket: 1 }, `key-${n}-\u{10FFFF}`);
		}
		const scan = createBucketScanner({ tableName: "data", clock, clientFor: () => engine.client() });
		const seen: string[] = [];
		let pages = 0;
		let after: string | undefined;
		do {
			const page = await scan(REGION, { limit: 4, ...(after === undefined ? {} : { after }) });
			seen.push(...page.buckets.map(({ partition, bucket }) => `${partition}#${bucket}`));
			after = page.next;
			pages += 1;
		} while (after !== undefined);
		expect(seen.toSorted()).toEqual(partitions.flatMap((partition) => [`${partition}#0`, `${partition}#1`]).toSorted());
		expect(pages).toBeLessThanOrEqual(8);
	});

	it("reports and the place of a walk survive, and lists go page by page", async () => {
		const client = DynamoDBDocumentClient.from(engine.client());
		const store = createOrphanStore({ client, tableName: "decisions", clock });
		expect(await store.readWalks()).toEqual({});
		const walk = { startedAtMs: 1, region: REGION, after: "p#1", buckets: 3, skipped: [REGION] };
		await store.writeWalks({ current: walk });
		expect(await store.readWalks()).toEqual({ current: walk });
		const orphans = ["a", "b", "c"].map((name) => ({
			region: REGION,
			partition: partitionId(name),
			kind: "leftover" as const,
			firstSeenAtMs: 1,
			lastSeenAtMs: 1_700_000_000_000,
		}));
		for (const orphan of orphans) await store.put(orphan);
		expect(await store.find(REGION, partitionId("b"))).toEqual(orphans[1]);
		expect(await store.find(REGION, partitionId("d"))).toBeUndefined();
		const first = await store.list({ limit: 2 });
		const second = await store.list({ limit: 2, ...(first.cursor === undefined ? {} : { cursor: first.cursor }) });
		expect([...first.orphans, ...second.orphans]).toEqual(orphans);
		await expect(store.list({ limit: 2, cursor: "garbage" })).rejects.toMatchObject({ code: "cursor.invalid" });
	});
});

import assert from "node:assert";
import { BatchWriteItemCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { encodeItem } from "#adapters/dynamodb/regional-store/codec.ts";
import { DATA_TABLE, type MigrationWorld } from "#bench/migration/world.ts";
import type { RegionId } from "#domain/geography/region-id.ts";
import { FenceRole, WriteMode } from "#domain/partition/fence.ts";
import type { StoredItem } from "#domain/partition/item.ts";
import { type BucketRef, bucketsOf, type PartitionId } from "#domain/partition/partition-id.ts";
import { type PartitionRecord, Phase } from "#domain/partition/record.ts";
import { DEFAULT_BUCKETS } from "#domain/partition/settings.ts";
import { bucketOf } from "#domain/ring/ring.ts";

const BODY_BYTES = 200;
const BATCH = 25;

/** An item where it belongs. */
export interface PlacedItem {
	readonly ref: BucketRef;
	readonly item: StoredItem;
}

/** Brings a partition into being, empty, with a leader and the followers that earlier migrations would have added. */
export async function createPartition(
	world: MigrationWorld,
	partition: PartitionId,
	leader: RegionId,
	followers: readonly RegionId[] = [],
): Promise<void> {
	const nowMs = world.clock.nowMs();
	const buckets = DEFAULT_BUCKETS;
	const times = { createdAtMs: nowMs, updatedAtMs: nowMs, leaderSinceMs: nowMs };
	const record: PartitionRecord = { partition, leader, followers, epoch: 1, phase: Phase.Active, buckets, version: 1, ...times };
	await world.metadata.create(record);
	for (const region of [leader, ...followers]) {
		const [role, peers] = region === leader ? [FenceRole.Leader, followers] : [FenceRole.Follower, []];
		const next = { role, epoch: 1, mode: WriteMode.Steady, seq: 0, peers, leader, buckets };
		const changes = bucketsOf(partition, buckets).map(({ bucket }) => ({ bucket, expect: "absent" as const, next }));
		await world.storesFrom(region)(region).changeFences(partition, changes);
	}
}

/** Items of the first epoch with bodies that do not repeat. */
export const makeItems = (partition: PartitionId, count: number, nowMs: number): readonly PlacedItem[] =>
	Array.from({ length: count }, (_, index) => {
		const key = `item-${String(index).padStart(7, "0")}`;
		const body = new TextEncoder().encode(`${key} `.repeat(BODY_BYTES).slice(0, BODY_BYTES));
		const common = { contentType: "text/plain", deleted: false, requestId: `bench-${index}`, writtenAtMs: nowMs };
		return { ref: { partition, bucket: bucketOf(key, DEFAULT_BUCKETS) }, item: { key, version: { epoch: 1, n: nowMs }, body, ...common } };
	});

/** Brings items into the engines of regions as fast as they take them: every batch is written down once, and goes to all at the same time. */
export async function preload({ engines }: MigrationWorld, regions: readonly RegionId[], items: readonly PlacedItem[]): Promise<void> {
	for (let start = 0; start < items.length; start += BATCH) {
		const puts = items.slice(start, start + BATCH).map(({ ref, item }) => ({ PutRequest: { Item: encodeItem(ref, item) } }));
		const body = JSON.stringify({ RequestItems: { [DATA_TABLE]: puts } }, base64);
		const answers = await Promise.all(regions.map((region) => engines.client.send(region, "DynamoDB_20120810.BatchWriteItem", body)));
		for (const { status, body: said } of answers) assert.equal(status, 200, said.toString("utf8"));
	}
}

/** Bytes as DynamoDB's JSON has them. */
const base64 = (_name: string, value: unknown): unknown => (value instanceof Uint8Array ? Buffer.from(value).toString("base64") : value);

/** The plain loop: one BatchWriteItem of 25 after the other. */
export async function batchWrite(client: DynamoDBClient, items: readonly PlacedItem[]): Promise<void> {
	for (let start = 0; start < items.length; start += BATCH) {
		let left = items.slice(start, start + BATCH).map(({ ref, item }) => ({ PutRequest: { Item: encodeItem(ref, item) } }));
		while (left.length > 0) {
			const answer = await client.send(new BatchWriteItemCommand({ RequestItems: { [DATA_TABLE]: left } }));
			left = (answer.UnprocessedItems?.[DATA_TABLE] ?? []) as typeof left;
		}
	}
}

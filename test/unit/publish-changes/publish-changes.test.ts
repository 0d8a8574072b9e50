import { marshall } from "@aws-sdk/util-dynamodb";
import type { DynamoDBRecord } from "aws-lambda";
import { beforeEach, describe, expect, it } from "vitest";
import { encodeFreeze, encodeRecord } from "#adapters/dynamodb/metadata-items.ts";
import type { PartitionRecord } from "#domain/partition/record.ts";
import { publishChanges } from "#lambdas/publish-changes/publish-changes.ts";
import { MemoryMetadataChanges } from "#simulation/stores/memory-metadata-changes.ts";
import fc from "#test/__helpers__/fast-check.ts";
import { IRELAND, partitionRecord, TOKYO, VIRGINIA } from "#test/unit/administer/fake-ports.ts";

type Image = Readonly<Record<string, unknown>>;
const imageOf = (item: Image) => marshall(item, { removeUndefinedValues: true });
const streamRecord = (before: Image | undefined, after: Image | undefined): DynamoDBRecord =>
	({
		dynamodb: {
			Keys: imageOf({ pk: (after ?? before)?.["pk"], sk: (after ?? before)?.["sk"] }),
			ApproximateCreationDateTime: 1_700_000_000,
			...(before === undefined ? {} : { OldImage: imageOf(before) }),
			...(after === undefined ? {} : { NewImage: imageOf(after) }),
		},
	}) as DynamoDBRecord;

let feed: MemoryMetadataChanges;
let unreadable: unknown[];
beforeEach(() => {
	feed = new MemoryMetadataChanges();
	unreadable = [];
});
const publish = (...records: DynamoDBRecord[]) =>
	publishChanges({ changes: feed, unreadable: (key, reason) => void unreadable.push([key, reason]) }, records);

describe("what the feed tells", () => {
	it("is a new partition, a move of its leadership, and the freeze switches", async () => {
		const first = partitionRecord("acme", { updatedAtMs: 5 });
		const moved = { ...first, leader: TOKYO, followers: [IRELAND], epoch: 4, phase: "soaking" as const, version: 2, updatedAtMs: 9 };
		await publish(
			streamRecord(undefined, encodeRecord(first)),
			streamRecord(encodeRecord(first), encodeRecord(moved)),
			streamRecord(undefined, encodeFreeze({ global: false, regions: [VIRGINIA] })),
		);
		expect(feed.entries).toMatchObject([
			{ position: 1, atMs: 5, change: { kind: "partition", partition: "acme", version: 1, leader: IRELAND } },
			{
				position: 2,
				atMs: 9,
				change: {
					leader: TOKYO,
					before: { leader: IRELAND, epoch: 3, phase: "active" },
					changed: ["epoch", "followers", "leader", "phase"],
				},
			},
			{ position: 3, atMs: 1_700_000_000_000, change: { kind: "freeze", global: false, regions: [VIRGINIA] } },
		]);
		expect(feed.entries[0]?.change).not.toHaveProperty("before");
	});

	it("is nothing of the cursor key, the directory, or what is taken away", async () => {
		const told = await publish(
			streamRecord(undefined, { pk: "CURSOR-KEY", sk: "record", key: "c2VjcmV0" }),
			streamRecord(undefined, { pk: "DATA-PLANES", sk: "eu-west-1", url: "https://x" }),
			streamRecord(encodeRecord(partitionRecord("acme")), undefined),
		);
		expect([told, feed.entries, unreadable]).toEqual([0, [], []]);
	});

	it("goes on without a record that nobody can read, and says which", async () => {
		const odd = { pk: "P#odd", sk: "record", leader: "nowhere" };
		expect(await publish(streamRecord(undefined, odd), streamRecord(undefined, encodeRecord(partitionRecord("acme"))))).toBe(1);
		expect(unreadable).toEqual([[imageOf({ pk: "P#odd", sk: "record" }), "metadata.invalid"]]);
	});

	it("keeps, of any history told any number of times, each partition's newest version the last word", async () => {
		const history = fc.array(fc.tuple(fc.constantFrom("a", "b"), fc.constantFrom(IRELAND, TOKYO, VIRGINIA)), {
			minLength: 1,
			maxLength: 12,
		});
		await fc.assert(
			fc.asyncProperty(history, fc.array(fc.nat({ max: 11 }), { maxLength: 3 }), async (writes, retries) => {
				feed = new MemoryMetadataChanges();
				const now = new Map<string, PartitionRecord>();
				const records = writes.map(([name, leader]) => {
					const before = now.get(name);
					const after = partitionRecord(name, { leader, version: (before?.version ?? 0) + 1 });
					now.set(name, after);
					return streamRecord(before === undefined ? undefined : encodeRecord(before), encodeRecord(after));
				});
				await publish(...records);
				// a batch whose answer was lost comes again, from any place
				for (const from of retries) await publish(...records.slice(from));
				const seen = new Map<string, { version: number; leader: string }>();
				for (const { change } of feed.entries) {
					if (change.kind === "partition" && change.version > (seen.get(change.partition)?.version ?? 0))
						seen.set(change.partition, change);
				}
				for (const [name, { version, leader }] of now) expect(seen.get(name)).toMatchObject({ version, leader });
			}),
			{ numRuns: 50 },
		);
	});
});

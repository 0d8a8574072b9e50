import { DeleteCommand, DynamoDBDocumentClient, ScanCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createMetadataChanges } from "#adapters/dynamodb/metadata-changes.ts";
import { describeChange } from "#domain/partition/metadata-change.ts";
import type { FeedEntry, MetadataChanges } from "#domain/ports/metadata-changes.ts";
import { MemoryMetadataChanges } from "#simulation/stores/memory-metadata-changes.ts";
import { engineAvailable, startEngine, type TestEngine } from "#test/__helpers__/engine.ts";
import { ManualClock } from "#test/__helpers__/manual-clock.ts";
import { partitionRecord, TOKYO } from "#test/unit/administer/fake-ports.ts";

/** One implementation, over a feed that is empty at first, and how it loses what is older than a position. */
interface Candidate {
	readonly feed: MetadataChanges;
	forget(position: number): Promise<void>;
}

const entryOf = (name: string, version = 1): Omit<FeedEntry, "position"> => ({
	atMs: 1_700_000_000_000 + version,
	change: describeChange(undefined, partitionRecord(name, { version, canary: { target: TOKYO, weight: 0.5 } })),
});

async function readAll(feed: MetadataChanges, limit: number): Promise<readonly FeedEntry[]> {
	const seen: FeedEntry[] = [];
	for (;;) {
		const page = await feed.read({ after: seen.at(-1)?.position ?? 0, limit });
		if (page.kind === "gone") throw new Error("gone");
		if (page.entries.length === 0) return seen;
		seen.push(...page.entries);
	}
}

function describeFeed(name: string, make: () => Candidate): void {
	describe(`the change feed: ${name}`, () => {
		it("is empty at first, and has everything in its order and page by page", async () => {
			const { feed } = make();
			expect(await feed.head()).toBe(0);
			expect(await feed.read({ after: 0, limit: 10 })).toEqual({ kind: "page", entries: [] });
			const first = [entryOf("a"), entryOf("b"), entryOf("a", 2)];
			await feed.append(first);
			await feed.append([{ atMs: 5, change: { kind: "freeze", global: true, regions: [TOKYO] } }]);
			expect(await feed.head()).toBe(4);
			const all = await readAll(feed, 3);
			expect(all.map(({ position }) => position)).toEqual([1, 2, 3, 4]);
			expect(all.slice(0, 3)).toEqual(first.map((entry, index) => ({ ...entry, position: index + 1 })));
			expect(all[3]?.change).toEqual({ kind: "freeze", global: true, regions: [TOKYO] });
			expect(await feed.read({ after: 4, limit: 1 })).toEqual({ kind: "page", entries: [] });
		});

		it("gives writers that meet positions of their own, without a gap, and tears no batch apart", async () => {
			const { feed } = make();
			const batches = ["x", "y", "z"].map((batch) => Array.from({ length: 4 }, (_, index) => entryOf(`${batch}:${index}`)));
			await Promise.all(batches.map((batch) => feed.append(batch)));
			const all = await readAll(feed, 100);
			expect(all.map(({ position }) => position)).toEqual(Array.from({ length: 12 }, (_, index) => index + 1));
			const names = all.map(({ change }) => (change.kind === "partition" ? String(change.partition) : ""));
			for (let at = 0; at < 12; at += 4) expect(new Set(names.slice(at, at + 4).map((one) => one[0])).size).toBe(1);
		});

		it("says so when what follows a position is not kept any more, and goes on behind it", async () => {
			const { feed, forget } = make();
			await feed.append(["a", "b", "c", "d"].map((one) => entryOf(one)));
			await forget(2);
			expect(await feed.read({ after: 0, limit: 10 })).toEqual({ kind: "gone" });
			expect(await feed.read({ after: 1, limit: 10 })).toEqual({ kind: "gone" });
			expect((await feed.read({ after: 2, limit: 10 })).kind).toBe("page");
			await forget(4);
			expect(await feed.read({ after: 3, limit: 10 })).toEqual({ kind: "gone" });
			expect(await feed.read({ after: 4, limit: 10 })).toEqual({ kind: "page", entries: [] });
			// a position that this feed has never had
			expect(await feed.read({ after: 9, limit: 10 })).toEqual({ kind: "gone" });
		});
	});
}

describeFeed("in memory", () => {
	const feed = new MemoryMetadataChanges();
	return { feed, forget: async (position) => feed.forget(position) };
});

describe.skipIf(!engineAvailable)("on the real engine", () => {
	let engine: TestEngine;
	const tables = ["changes-1", "changes-2", "changes-3", "changes-4"];
	let used = 0;
	beforeAll(async () => {
		engine = await startEngine();
		for (const table of tables) await engine.createTable(table);
	});
	afterAll(() => engine.stop());

	const make = () => {
		const client = DynamoDBDocumentClient.from(engine.client(), { marshallOptions: { removeUndefinedValues: true } });
		return { client, tableName: tables[used++] ?? "", clock: new ManualClock() };
	};
	describeFeed("DynamoDB", () => {
		const table = make();
		const forget = async (position: number): Promise<void> => {
			const { Items = [] } = await table.client.send(new ScanCommand({ TableName: table.tableName }));
			for (const { pk, sk } of Items.filter((item) => item["pk"] !== "HEAD" && Number(item["sk"]) <= position))
				await table.client.send(new DeleteCommand({ TableName: table.tableName, Key: { pk, sk } }));
		};
		return { feed: createMetadataChanges(table), forget };
	});

	it("goes on over the seams of its blocks, in one transaction for 99 entries", async () => {
		const feed = createMetadataChanges(make());
		const many = Array.from(
			{ length: 1010 },
			(_, index): Omit<FeedEntry, "position"> => ({
				atMs: index,
				change: { kind: "freeze", global: index % 2 === 0, regions: [] },
			}),
		);
		await feed.append(many);
		expect(await feed.head()).toBe(1010);
		const page = await feed.read({ after: 990, limit: 15 });
		expect(page.kind === "page" && page.entries.map(({ atMs }) => atMs)).toEqual(Array.from({ length: 15 }, (_, index) => 990 + index));
		expect(await readAll(feed, 700)).toHaveLength(1010);
		expect(await feed.read({ after: 1000, limit: 100 })).toMatchObject({ entries: { length: 10 } });
	});
});

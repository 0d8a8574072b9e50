import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createLostWritesOf, createRegionalStore } from "#adapters/dynamodb/dynamodb-regional-store.ts";
import { type BucketRef, partitionId } from "#domain/partition/partition-id.ts";
import type { LostWrite, LostWrites } from "#domain/ports/lost-writes.ts";
import type { RegionalStore } from "#domain/ports/regional-store.ts";
import { MemoryLostWrites } from "#simulation/stores/memory-lost-writes.ts";
import { MemoryRegionalStore } from "#simulation/stores/memory-regional-store.ts";
import { EU } from "#test/__helpers__/data-plane-world.ts";
import { engineAvailable, startEngine, type TestEngine } from "#test/__helpers__/engine.ts";
import { ManualClock } from "#test/__helpers__/manual-clock.ts";

const writeOf = (key: string, n: number, deleted = false): LostWrite => ({
	key,
	version: { epoch: 2, n },
	body: new Uint8Array(deleted ? [] : [1, n]),
	contentType: deleted ? "" : "a/b",
	deleted,
	requestId: `r-${n}`,
	writtenAtMs: 5,
	expiresAt: 1_800_000_000,
});

function describeLostWrites(name: string, make: () => { writes: LostWrites; store: RegionalStore }): void {
	const own = (what: string): BucketRef => ({ partition: partitionId(`${name}.${what}`), bucket: 1 });

	describe(`lost writes: ${name}`, () => {
		it("are kept with their content, the last of each key, out of sight of the items", async () => {
			const { writes, store } = make();
			const ref = own("a");
			await writes.keep(ref, writeOf("k", 1));
			await writes.keep(ref, writeOf("k", 2));
			await writes.keep(ref, writeOf("gone/ü", 3, true));
			expect(await writes.list(ref, { limit: 10 })).toEqual({ entries: [writeOf("gone/ü", 3, true), writeOf("k", 2)] });
			expect(await store.listItems(ref, { limit: 10 })).toEqual({ entries: [] });
			expect(await store.listJournal(ref, { limit: 10 })).toEqual({ entries: [] });
			expect(await store.readFence(ref)).toBeUndefined();
			expect(await writes.list({ ...ref, bucket: 2 }, { limit: 10 })).toEqual({ entries: [] });
		});

		it("are read one by one, and forgotten in the version that was seen, no other", async () => {
			const { writes } = make();
			const ref = own("c");
			await writes.keep(ref, writeOf("k/ü", 1));
			expect(await writes.read(ref, "k/ü")).toEqual(writeOf("k/ü", 1));
			expect(await writes.read(ref, "other")).toBeUndefined();
			await writes.keep(ref, writeOf("k/ü", 2));
			await writes.forget(ref, writeOf("k/ü", 1));
			expect(await writes.read(ref, "k/ü")).toEqual(writeOf("k/ü", 2));
			await writes.forget(ref, writeOf("k/ü", 2));
			await writes.forget(ref, writeOf("k/ü", 2));
			expect(await writes.list(ref, { limit: 10 })).toEqual({ entries: [] });
		});

		it("come page by page", async () => {
			const { writes } = make();
			const ref = own("b");
			const keys = ["a", "b", "c", "d", "e"];
			for (const [n, key] of keys.entries()) await writes.keep(ref, writeOf(key, n + 1));
			const seen: string[] = [];
			let after: string | undefined;
			do {
				const page = await writes.list(ref, { limit: 2, ...(after === undefined ? {} : { after }) });
				seen.push(...page.entries.map(({ key }) => key));
				after = page.next;
			} while (after !== undefined);
			expect(seen).toEqual(keys);
		});
	});
}

describeLostWrites("memory", () => ({ writes: new MemoryLostWrites(), store: new MemoryRegionalStore(EU, new ManualClock()) }));

describe.skipIf(!engineAvailable)("on a real engine", () => {
	let engine: TestEngine;
	beforeAll(async () => {
		engine = await startEngine();
		await engine.createTable("data");
	});
	afterAll(() => engine.stop());
	describeLostWrites("DynamoDB", () => {
		const client = engine.client();
		const table = { tableName: "data", clock: new ManualClock() };
		const writes = createLostWritesOf({ ...table, regions: [EU], clientFor: () => client })(EU);
		return { writes, store: createRegionalStore({ ...table, client, region: EU }) };
	});
});

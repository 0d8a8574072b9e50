import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createBucketScanner } from "#adapters/dynamodb/bucket-scanner.ts";
import { createParkedKeysOf, createRegionalStore } from "#adapters/dynamodb/dynamodb-regional-store.ts";
import type { BucketRef } from "#domain/partition/partition-id.ts";
import { bucketsOf, partitionId } from "#domain/partition/partition-id.ts";
import type { ParkedKeys } from "#domain/ports/parked-keys.ts";
import type { RegionalStore } from "#domain/ports/regional-store.ts";
import { MemoryRegionalStore } from "#simulation/stores/memory-regional-store.ts";
import { EU } from "#test/__helpers__/data-plane-world.ts";
import { engineAvailable, startEngine, type TestEngine } from "#test/__helpers__/engine.ts";
import { ManualClock } from "#test/__helpers__/manual-clock.ts";
import { MemoryParkedKeys } from "#test/__helpers__/memory-parked-keys.ts";

const fence = { role: "leader", epoch: 1, mode: "steady", peers: [], leader: EU, buckets: 2 } as const;

function describeParkedKeys(name: string, make: () => { parked: ParkedKeys; store: RegionalStore }): void {
	const own = (what: string): BucketRef => ({ partition: partitionId(`${name}.${what}`), bucket: 1 });
	const keysOf = async (parked: ParkedKeys, ref: BucketRef) => (await parked.listKeys(ref, { limit: 200 })).entries.map(({ key }) => key);
	const listed = async (parked: ParkedKeys, { partition }: BucketRef) =>
		(await parked.listBuckets({ limit: 100 })).entries.find(({ ref }) => ref.partition === partition);

	describe(`parked keys in ${name}`, () => {
		it("are seen with the fence, by key and by bucket, until they are released", async () => {
			const { parked, store } = make();
			const ref = own("a");
			expect(await parked.readFence(ref)).toEqual({ fence: undefined, parked: false });
			await store.changeFences(ref.partition, [{ bucket: ref.bucket, expect: "absent", next: fence }]);
			expect(await parked.readFence(ref)).toEqual({ fence: { ...fence, seq: 0 }, parked: false });
			await parked.park(ref, ["ü", "b", "b#item#c"]);
			expect(await parked.readFence(ref)).toEqual({ fence: { ...fence, seq: 0 }, parked: true });
			expect(await keysOf(parked, ref)).toEqual(["b", "b#item#c", "ü"]);
			expect((await store.listItems(ref, { limit: 10 })).entries).toEqual([]);
			expect((await store.listJournal(ref, { limit: 10 })).entries).toEqual([]);
			for (const one of (await parked.listKeys(ref, { limit: 10 })).entries) expect(await parked.release(ref, one)).toBe("released");
			expect((await parked.readFence(ref)).parked).toBe(false);
			const entry = await listed(parked, ref);
			expect(entry?.ref).toEqual(ref);
			if (entry !== undefined) expect(await parked.releaseBucket(entry)).toBe("released");
			expect(await listed(parked, ref)).toBeUndefined();
		});

		it("are not released with an older debt, nor is their bucket", async () => {
			const { parked } = make();
			const ref = own("b");
			await parked.park(ref, ["k"]);
			const [older] = (await parked.listKeys(ref, { limit: 10 })).entries;
			const entry = await listed(parked, ref);
			await parked.park(ref, ["k"]);
			if (older === undefined || entry === undefined) throw new Error("parked");
			expect(await parked.release(ref, older)).toBe("newer");
			expect(await parked.releaseBucket(entry)).toBe("newer");
			expect(await keysOf(parked, ref)).toEqual(["k"]);
			for (const one of (await parked.listKeys(ref, { limit: 10 })).entries) {
				// What is gone stays gone: a repeated release is the same.
				expect([await parked.release(ref, one), await parked.release(ref, one)]).toEqual(["released", "released"]);
			}
		});

		it("come page by page, however many are parked at once", async () => {
			const { parked } = make();
			const ref = own("c");
			const keys = Array.from({ length: 230 }, (_, i) => `k${String(i).padStart(3, "0")}`);
			await parked.park(ref, keys);
			const seen: string[] = [];
			let after: string | undefined;
			do {
				const page = await parked.listKeys(ref, { limit: 100, ...(after === undefined ? {} : { after }) });
				seen.push(...page.entries.map(({ key }) => key));
				after = page.next;
			} while (after !== undefined);
			expect(seen).toEqual(keys);
		});

		it("list buckets page by page", async () => {
			const { parked } = make();
			const { partition } = own("d");
			for (const ref of bucketsOf(partition, 5)) await parked.park(ref, ["k"]);
			const seen: number[] = [];
			let after: string | undefined;
			do {
				const page = await parked.listBuckets({ limit: 2, ...(after === undefined ? {} : { after }) });
				seen.push(...page.entries.filter(({ ref }) => ref.partition === partition).map(({ ref }) => ref.bucket));
				after = page.next;
			} while (after !== undefined);
			expect(seen.toSorted()).toEqual([0, 1, 2, 3, 4]);
		});
	});
}

describeParkedKeys("memory", () => {
	const store = new MemoryRegionalStore(EU, new ManualClock());
	return { store, parked: new MemoryParkedKeys(store) };
});

describe.skipIf(!engineAvailable)("on a real engine", () => {
	let engine: TestEngine;
	beforeAll(async () => {
		engine = await startEngine();
		await engine.createTable("data");
	});
	afterAll(() => engine?.stop());
	const clock = new ManualClock();
	const make = () => ({
		store: createRegionalStore({ client: engine.client(), tableName: "data", region: EU, clock }),
		parked: createParkedKeysOf({ tableName: "data", clock, regions: [EU], clientFor: () => engine.client() })(EU),
	});
	describeParkedKeys("DynamoDB", make);

	it("does not keep a walk over buckets from its end", async () => {
		const { parked } = make();
		for (let i = 0; i < 7; i++) await parked.park({ partition: partitionId(`~walk${i}`), bucket: 0 }, ["k"]);
		const scan = createBucketScanner({ tableName: "data", clock, clientFor: () => engine.client() });
		const seen: string[] = [];
		let after: string | undefined;
		let pages = 0;
		do {
			const page = await scan(EU, { limit: 2, ...(after === undefined ? {} : { after }) });
			seen.push(...page.buckets.map(({ partition }) => partition));
			after = page.next;
		} while (after !== undefined && ++pages < 100);
		expect(after).toBeUndefined();
		expect(seen.filter((name) => name.startsWith("~walk"))).toHaveLength(7);
	});
});

import { beforeEach, describe, expect, it } from "vitest";
import type { BucketRef } from "#domain/partition/partition-id.ts";
import { sweepParked } from "#domain/partition/sweep-parked.ts";
import { UnavailableError } from "#domain/shared/errors.ts";
import { AP, DataPlaneWorld, EU, P, US } from "#test/__helpers__/data-plane-world.ts";
import { MemoryParkedKeys } from "#test/__helpers__/memory-parked-keys.ts";

const REF: BucketRef = { partition: P, bucket: 0 };
let world: DataPlaneWorld;
let parked: MemoryParkedKeys;
let asked: string[];
beforeEach(() => {
	world = new DataPlaneWorld();
	parked = new MemoryParkedKeys(world.store(EU));
	asked = [];
	parked.before = (operation) => {
		asked.push(operation);
	};
});

const defects: string[] = [];
const sweep = (untilMs = Number.POSITIVE_INFINITY) =>
	sweepParked(
		{
			stores: (region) => world.store(region),
			region: EU,
			parked,
			clock: world.clock,
			random: { next: () => 0.99 },
			onDefect: (_, error) => defects.push(String(error)),
		},
		untilMs,
	);
const put = (region: typeof EU, key: string, epoch = 1) =>
	world
		.store(region)
		.buckets.get(`${P}#0`)
		?.items.set(key, {
			key,
			version: { epoch, n: 1 },
			body: new Uint8Array(),
			contentType: "",
			deleted: false,
			requestId: "r",
			writtenAtMs: 0,
		});

describe("a sweep of parked keys", () => {
	it("is one query where nothing is parked", async () => {
		expect(await sweep()).toEqual({ buckets: 0, carried: 0, owed: 0 });
		expect(asked).toEqual(["listBuckets"]);
	});

	it("carries from the present leader for a region that has led, as its stream would", async () => {
		await world.fence(EU, { role: "follower", epoch: 2, leader: US, peers: [US, AP] });
		await world.fence(US, { epoch: 2, peers: [EU, AP] });
		await world.fence(AP, { role: "follower", epoch: 2, leader: US });
		put(EU, "k");
		put(US, "k", 2);
		await parked.park(REF, ["k"]);
		expect(await sweep()).toEqual({ buckets: 1, carried: 1, owed: 0 });
		expect((await world.store(AP).readItem(REF, "k"))?.version.epoch).toBe(2);
		expect(parked.listed.size).toBe(0);
	});

	it.each([
		["has moved", () => world.fence(EU, { role: "moved", leader: US })],
		["has no fence any more", () => Promise.resolve()],
		["has no peers left", () => world.fence(EU, {})],
	])("forgets the debts of a copy that %s", async (_, become) => {
		await become();
		await parked.park(REF, ["a", "b"]);
		expect(await sweep()).toEqual({ buckets: 1, carried: 2, owed: 0 });
		expect([parked.listed.size, (await parked.readFence(REF)).parked]).toEqual([0, false]);
	});

	it("keeps what a peer does not take, asks a lost one seldom, and goes on with other buckets", async () => {
		await world.fence(EU, { peers: [US] });
		await world.fence(US, { role: "follower", leader: EU });
		const keys = Array.from({ length: 250 }, (_, i) => `k${String(i).padStart(3, "0")}`);
		for (const key of keys) put(EU, key);
		await parked.park(REF, keys);
		await parked.park({ ...REF, bucket: 1 }, ["gone"]);
		let carries = 0;
		world.before = (operation) => {
			if (operation !== "carry") return;
			carries += 1;
			throw new UnavailableError("cut");
		};
		// One page of the stuck bucket is tried, ten keys a lane of it and one call each.
		expect([await sweep(), carries]).toEqual([{ buckets: 2, carried: 1, owed: 100 }, 10]);
		expect([...parked.listed.keys()]).toEqual([`${P}#0`]);
		world.before = undefined;
		expect(await sweep()).toEqual({ buckets: 1, carried: 250, owed: 0 });
		expect(parked.listed.size).toBe(0);
	});

	it("keeps a defective key alone, and says so", async () => {
		await world.fence(EU, { peers: [US] });
		await world.fence(US, { role: "follower", leader: EU });
		for (const key of ["a", "b", "c"]) put(EU, key);
		await parked.park(REF, ["a", "b", "c"]);
		const store = world.store(EU);
		const read = store.readItem.bind(store);
		store.readItem = (ref, key) => (key === "b" ? Promise.reject(new TypeError("no item")) : read(ref, key));
		expect(await sweep()).toEqual({ buckets: 1, carried: 2, owed: 1 });
		expect((await parked.listKeys(REF, { limit: 9 })).entries.map(({ key }) => key)).toEqual(["b"]);
		expect([defects, parked.listed.size]).toEqual([["TypeError: no item"], 1]);
	});

	it("begins nothing after its deadline", async () => {
		await parked.park(REF, ["k"]);
		expect(await sweep(world.clock.nowMs())).toEqual({ buckets: 1, carried: 0, owed: 0 });
		expect(parked.listed.size).toBe(1);
	});
});

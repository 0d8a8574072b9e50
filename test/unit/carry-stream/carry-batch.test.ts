import type { DynamoDBRecord } from "aws-lambda";
import { beforeEach, describe, expect, it } from "vitest";
import { carryToPeers } from "#domain/partition/carry-keys.ts";
import type { RegionalStores } from "#domain/ports/regional-store.ts";
import { bucketOf } from "#domain/ring/ring.ts";
import { UnavailableError } from "#domain/shared/errors.ts";
import { createCarryBatch } from "#lambdas/carry-stream/carry-batch.ts";
import { AP, DataPlaneWorld, EU, P, US } from "#test/__helpers__/data-plane-world.ts";
import { MemoryParkedKeys } from "#test/__helpers__/memory-parked-keys.ts";

let world: DataPlaneWorld;
let sequence: number;
let parked: MemoryParkedKeys;
const reads: string[] = [];
beforeEach(() => {
	world = new DataPlaneWorld();
	sequence = 99;
	reads.length = 0;
	parked = new MemoryParkedKeys(world.store(EU));
	world.before = (operation, region) => {
		reads.push(`${operation} ${region}`);
	};
});

const record = (key: string, changes: Partial<DynamoDBRecord> = {}): DynamoDBRecord => ({
	eventName: "MODIFY",
	dynamodb: {
		SequenceNumber: String(++sequence),
		Keys: { pk: { S: `${P}#${bucketOf(key, 2)}` }, sk: { S: `item#${key}` } },
	},
	...changes,
});
const carryFrom = (region: typeof EU, records: DynamoDBRecord[], stores: RegionalStores = (where) => world.store(where)) =>
	createCarryBatch({ stores, region, parked, clock: world.clock, log: (line) => world.logs.push(line) })({ Records: records });
const parkedKeys = () => [...parked.buckets.values()].flatMap((keys) => [...keys.keys()]).toSorted();
const tag = async (region: typeof EU, key: string) => {
	const item = await world.store(region).readItem({ partition: P, bucket: bucketOf(key, 2) }, key);
	return item === undefined ? undefined : `${item.version.epoch}-${item.version.n}${item.deleted ? " deleted" : ""}`;
};

describe("carrying a stream batch", () => {
	it("costs one fence read a bucket where there is no other copy", async () => {
		await world.fence(EU, {});
		await world.item(EU, "PUT", "k");
		reads.length = 0;
		expect(await carryFrom(EU, [record("k"), record("k"), record("k")])).toEqual({ batchItemFailures: [] });
		expect(reads).toEqual([`readFence ${EU}`]);
	});

	it("brings the newest version and tombstones to every peer, each key once", async () => {
		await world.fence(EU, { peers: [US, AP], migrationId: "m1" });
		await world.fence(US, { role: "follower", leader: EU, migrationId: "m1" });
		await world.fence(AP, { role: "joining", leader: EU, migrationId: "m1" });
		for (const key of ["a", "b", "a"]) await world.item(EU, "PUT", key);
		await world.item(EU, "DELETE", "b");
		reads.length = 0;
		expect(
			await carryFrom(
				EU,
				["a", "b", "a", "b"].map((key) => record(key)),
			),
		).toEqual({ batchItemFailures: [] });
		expect(reads.filter((read) => read.startsWith("carry"))).toHaveLength(4);
		for (const region of [US, AP]) for (const key of ["a", "b"]) expect(await tag(region, key)).toBe(await tag(EU, key));
		expect(await tag(US, "b")).toContain("deleted");
	});

	it("reads at the present leader after the leadership has moved", async () => {
		await world.fence(EU, {});
		await world.item(EU, "PUT", "k");
		const fences = { epoch: 2, leader: US, peers: [EU, AP] };
		await world.fence(US, fences);
		await world.fence(EU, { ...fences, role: "follower", peers: [US, AP] });
		await world.fence(AP, { ...fences, role: "follower" });
		const bucket = bucketOf("k", 2);
		const newer = {
			key: "k",
			version: { epoch: 2, n: 9 },
			body: new Uint8Array(),
			contentType: "",
			deleted: false,
			requestId: "x",
			writtenAtMs: 0,
		};
		world.store(US).buckets.get(`${P}#${bucket}`)?.items.set("k", newer);
		expect(await carryFrom(EU, [record("k")])).toEqual({ batchItemFailures: [] });
		expect(await tag(AP, "k")).toBe("2-9");
		expect(reads.filter((read) => read === `carry ${US}`)).toEqual([]);
	});

	it("does not carry on what a former leader got from the present one", async () => {
		await world.fence(US, { epoch: 2, leader: US, peers: [EU, AP] });
		await world.fence(EU, { epoch: 2, leader: US, peers: [AP], role: "follower" });
		const item = { key: "k", version: { epoch: 2, n: 9 }, body: new Uint8Array(), contentType: "", deleted: false, requestId: "x" };
		await world.store(EU).carry({ partition: P, bucket: bucketOf("k", 2) }, { ...item, writtenAtMs: 0 }, { epoch: 2 });
		reads.length = 0;
		expect(await carryFrom(EU, [record("k")])).toEqual({ batchItemFailures: [] });
		expect(reads.filter((read) => read.startsWith("carry") || read.endsWith(US))).toEqual([]);
	});

	it("leaves out the region itself", async () => {
		await world.fence(EU, { role: "follower", leader: US, peers: [EU] });
		expect(await carryFrom(EU, [record("k")])).toEqual({ batchItemFailures: [] });
		expect(reads.filter((read) => !read.includes("Fence"))).toEqual([]);
	});

	it("waits a moment for a peer that refuses", async () => {
		await world.fence(EU, { peers: [US] });
		await world.item(EU, "PUT", "k");
		await world.fence(US, { role: "removing", leader: EU });
		let refusals = 0;
		world.before = async (operation, region) => {
			if (operation === "carry" && region === US && ++refusals === 3) await world.fence(US, { role: "follower", leader: EU });
		};
		expect(await carryFrom(EU, [record("k")])).toEqual({ batchItemFailures: [] });
		expect([parkedKeys(), await tag(US, "k")]).toEqual([[], await tag(EU, "k")]);
	});

	it("parks what a peer keeps refusing, and takes it along once it does not", async () => {
		await world.fence(EU, { peers: [US] });
		for (const key of ["a", "b"]) await world.item(EU, "PUT", key);
		await world.fence(US, { role: "removing", leader: EU });
		const records = ["a", "b", "a"].map((key) => record(key));
		expect(await carryFrom(EU, records)).toEqual({ batchItemFailures: [] });
		expect(parkedKeys()).toEqual(["a", "b"]);
		expect(new Set(world.logs.map(({ event }) => event))).toEqual(new Set(["carry-stream.parked"]));
		await world.fence(US, { role: "follower", leader: EU });
		const more = ["a2", "b2", "c2", "d2"];
		for (const key of more) await world.item(EU, "PUT", key);
		expect(
			await carryFrom(
				EU,
				more.map((key) => record(key)),
			),
		).toEqual({ batchItemFailures: [] });
		expect(parkedKeys()).toEqual([]);
		for (const key of ["a", "b", ...more]) expect(await tag(US, key)).toBe(await tag(EU, key));
	});

	it("asks a peer that does not answer once, parks, and reaches the others", async () => {
		await world.fence(EU, { peers: [US, AP] });
		for (const region of [US, AP]) await world.fence(region, { role: "follower", leader: EU });
		const keys = ["a", "b", "c", "d", "e"].filter((key) => bucketOf(key, 2) === bucketOf("a", 2));
		for (const key of keys) await world.item(EU, "PUT", key);
		let asked = 0;
		world.before = async (operation, region) => {
			if (operation !== "carry" || region !== US) return;
			asked += 1;
			await world.clock.sleep(8_000);
			throw new UnavailableError("cut");
		};
		expect(
			await carryFrom(
				EU,
				keys.map((key) => record(key)),
			),
		).toEqual({ batchItemFailures: [] });
		expect([asked, parkedKeys()]).toEqual([1, keys]);
		for (const key of keys) expect(await tag(AP, key)).toBe(await tag(EU, key));
	});

	it("owes from the earliest record that it can neither carry nor park", async () => {
		await world.fence(EU, { peers: [US] });
		await world.item(EU, "PUT", "k");
		world.before = (operation) => {
			if (operation === "readItem") throw new UnavailableError("cut");
		};
		parked.before = (operation) => {
			if (operation === "park") throw new UnavailableError("cut");
		};
		const records = ["k", "k"].map((key) => record(key));
		expect(await carryFrom(EU, records)).toEqual({ batchItemFailures: [{ itemIdentifier: "100" }] });
		expect(world.logs.at(-1)).toMatchObject({ event: "carry-stream.owed", count: 1 });
	});

	it("says nothing of how far the feed has come while anything is parked", async () => {
		await world.fence(EU, { peers: [US] });
		await world.fence(US, { role: "follower", leader: EU });
		await world.item(EU, "PUT", "k");
		const said: unknown[] = [];
		const report = async (_: unknown, carried: unknown) => void said.push(carried);
		const carry = () =>
			createCarryBatch({ stores: (where) => world.store(where), region: EU, parked, clock: world.clock, report, log: () => {} })({
				Records: [record("k")],
			});
		await parked.park({ partition: P, bucket: bucketOf("k", 2) }, ["older"]);
		await carry();
		expect([said.length, parkedKeys()]).toEqual([0, []]);
		await carry();
		expect(said.length).toBe(1);
	});

	it("parks a bucket in which something is defective, and only that bucket", async () => {
		await world.fence(EU, { peers: [US] });
		await world.fence(US, { role: "follower", leader: EU });
		const [sound, poisoned] = ["a", "b", "c", "d"].reduce<[string, string]>(
			([p, q], key) => (bucketOf(key, 2) === 0 ? [key, q] : [p, key]),
			["", ""],
		);
		for (const key of [sound, poisoned]) await world.item(EU, "PUT", key);
		const store = world.store(EU);
		const stores: RegionalStores = (region) =>
			region !== EU
				? world.store(region)
				: new Proxy(store, {
						get: (target, name) => {
							const member: unknown = Reflect.get(target, name, target);
							if (typeof member !== "function") return member;
							return (...args: unknown[]) => {
								if (name === "readItem" && args[1] === poisoned) throw new TypeError("no item");
								return member.apply(target, args) as unknown;
							};
						},
					});
		const records = [record(poisoned), record(sound)];
		expect(await carryFrom(EU, records, stores)).toEqual({ batchItemFailures: [] });
		expect(parkedKeys()).toEqual([poisoned]);
		expect(await tag(US, sound)).toBe(await tag(EU, sound));
		expect(world.logs).toMatchObject([{ event: "carry-stream.defect", message: "no item", bucket: 1 }]);
	});

	it("keeps a key that is gone where the leader was meanwhile removed, and none that is gone for good", async () => {
		await world.fence(EU, { role: "follower", epoch: 2, leader: US, peers: [AP] });
		await world.fence(US, { epoch: 2, peers: [EU, AP] });
		world.before = async (operation, region) => {
			if (operation !== "readItem" || region !== US) return;
			world.before = undefined;
			await world.fence(EU, { role: "follower", epoch: 3, leader: AP, peers: [] });
		};
		const ref = { partition: P, bucket: bucketOf("k", 2) };
		const deps = { stores: (where: typeof EU) => world.store(where), region: EU };
		expect((await carryToPeers(deps, { ref, keys: ["k"] })).owed).toEqual(["k"]);
		await world.fence(EU, { role: "follower", epoch: 2, leader: US, peers: [AP] });
		expect((await carryToPeers(deps, { ref, keys: ["k"] })).owed).toEqual([]);
	});

	it("ignores removals, fences and journals", async () => {
		const keys = (sk: string) => ({ dynamodb: { SequenceNumber: "1", Keys: { pk: { S: `${P}#0` }, sk: { S: sk } } } });
		const records = [record("k", { eventName: "REMOVE" }), record("k", keys("fence")), record("k", keys("journal#k"))];
		expect(await carryFrom(EU, records)).toEqual({ batchItemFailures: [] });
		expect(reads).toEqual([]);
	});
});

import type { DynamoDBRecord } from "aws-lambda";
import { beforeEach, describe, expect, it } from "vitest";
import type { RegionalStores } from "#domain/ports/regional-store.ts";
import { bucketOf } from "#domain/ring/ring.ts";
import { UnavailableError } from "#domain/shared/errors.ts";
import { createCarryBatch } from "#lambdas/carry-stream/carry-batch.ts";
import { AP, DataPlaneWorld, EU, P, US } from "#test/__helpers__/data-plane-world.ts";

let world: DataPlaneWorld;
let sequence: number;
const reads: string[] = [];
beforeEach(() => {
	world = new DataPlaneWorld();
	sequence = 99;
	reads.length = 0;
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
	createCarryBatch({ stores, region, log: (line) => world.logs.push(line) })({ Records: records });
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

	it("owes from the earliest record that a peer refused", async () => {
		await world.fence(EU, { peers: [US] });
		for (const key of ["a", "b"]) await world.item(EU, "PUT", key);
		await world.fence(US, { role: "removing", leader: EU });
		const records = ["a", "b", "a"].map((key) => record(key));
		expect(await carryFrom(EU, records)).toEqual({ batchItemFailures: [{ itemIdentifier: "100" }] });
		expect(world.logs.length).toBeGreaterThan(0);
		await world.fence(US, { role: "follower", leader: EU });
		expect(await carryFrom(EU, records)).toEqual({ batchItemFailures: [] });
	});

	it("owes while a peer or the leader is out of reach", async () => {
		await world.fence(EU, { peers: [US] });
		await world.fence(US, { role: "follower", leader: EU });
		await world.item(EU, "PUT", "k");
		const one = record("k");
		world.before = (operation, region) => {
			if (operation === "carry" && region === US) throw new UnavailableError("cut");
		};
		expect(await carryFrom(EU, [one])).toEqual({ batchItemFailures: [{ itemIdentifier: one.dynamodb?.SequenceNumber }] });
		world.before = (operation) => {
			if (operation === "readItem") throw new UnavailableError("cut");
		};
		expect((await carryFrom(EU, [one])).batchItemFailures).toHaveLength(1);
	});

	it("owes a bucket in which something is defective, and only that bucket", async () => {
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
		expect(await carryFrom(EU, records, stores)).toEqual({ batchItemFailures: [{ itemIdentifier: records[0]?.dynamodb?.SequenceNumber }] });
		expect(await tag(US, sound)).toBe(await tag(EU, sound));
		expect(world.logs).toMatchObject([{ event: "carry-stream.defect", message: "no item", bucket: 1 }]);
	});

	it("owes a key that is gone where the leader was meanwhile removed, and none that is gone for good", async () => {
		await world.fence(EU, { role: "follower", epoch: 2, leader: US, peers: [AP] });
		await world.fence(US, { epoch: 2, peers: [EU, AP] });
		world.before = async (operation, region) => {
			if (operation !== "readItem" || region !== US) return;
			world.before = undefined;
			await world.fence(EU, { role: "follower", epoch: 3, leader: AP, peers: [] });
		};
		const one = record("k");
		expect((await carryFrom(EU, [one])).batchItemFailures).toHaveLength(1);
		await world.fence(EU, { role: "follower", epoch: 2, leader: US, peers: [AP] });
		expect(await carryFrom(EU, [one])).toEqual({ batchItemFailures: [] });
	});

	it("ignores removals, fences and journals", async () => {
		const keys = (sk: string) => ({ dynamodb: { SequenceNumber: "1", Keys: { pk: { S: `${P}#0` }, sk: { S: sk } } } });
		const records = [record("k", { eventName: "REMOVE" }), record("k", keys("fence")), record("k", keys("journal#k"))];
		expect(await carryFrom(EU, records)).toEqual({ batchItemFailures: [] });
		expect(reads).toEqual([]);
	});
});

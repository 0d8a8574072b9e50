import { beforeEach, expect, it } from "vitest";
import type { RegionId } from "#domain/geography/region-id.ts";
import type { BucketRef } from "#domain/partition/partition-id.ts";
import { sweepReturned } from "#domain/partition/sweep-returned.ts";
import type { RegionalStore } from "#domain/ports/regional-store.ts";
import { UnavailableError } from "#domain/shared/errors.ts";
import { AP, DataPlaneWorld, EU, P, US } from "#test/__helpers__/data-plane-world.ts";
import { MemoryParkedKeys } from "#test/__helpers__/memory-parked-keys.ts";

const REF: BucketRef = { partition: P, bucket: 0 };
const KEYS = ["a", "b"];
let world: DataPlaneWorld;
let parked: ReadonlyMap<RegionId, MemoryParkedKeys>;
let calls: string[];
let away: ReadonlySet<RegionId>;

beforeEach(async () => {
	world = new DataPlaneWorld();
	parked = new Map([EU, US, AP].map((region) => [region, new MemoryParkedKeys(world.store(region))]));
	for (const one of parked.values())
		one.before = (operation) => {
			calls.push(operation);
		};
	calls = [];
	away = new Set();
	await world.fence(EU, { peers: [US, AP] });
	for (const region of [US, AP]) await world.fence(region, { role: "follower", leader: EU });
	for (const key of KEYS) {
		const write = {
			key,
			content: { body: new Uint8Array(), contentType: "" },
			precondition: { kind: "none" },
			requestId: key,
			nowMs: 1,
		} as const;
		await world.store(EU).writeSteady(REF, write, { epoch: 1, validUntilMs: Number.POSITIVE_INFINITY });
	}
});

/** The region's table, which counts what is asked of followers and of a region that is away. */
function reach(region: RegionId): RegionalStore {
	return new Proxy(world.store(region), {
		get: (store, name) => {
			const member: unknown = Reflect.get(store, name);
			if (typeof member !== "function") return member;
			return async (...args: unknown[]) => {
				if (region !== EU) calls.push(`${region} ${String(name)}`);
				if (away.has(region)) throw new UnavailableError("away");
				return (member as (...args: unknown[]) => Promise<unknown>).apply(store, args);
			};
		},
	});
}

function parkedIn(region: RegionId): MemoryParkedKeys {
	const found = parked.get(region);
	if (found === undefined) throw new Error(`no ${region}`);
	return found;
}

const sweep = () =>
	sweepReturned(
		{ stores: reach, parkedOf: parkedIn, regions: [EU, US, AP], clock: world.clock, random: { next: () => 0.5 } },
		Number.POSITIVE_INFINITY,
	);

it("is one query a region where nothing is parked", async () => {
	expect(await sweep()).toEqual({ buckets: 0, carried: 0, owed: 0 });
	expect(calls).toEqual(["listBuckets", "listBuckets", "listBuckets"]);
});

it("tries nothing while a copy's region is away, and asks it once", async () => {
	await parkedIn(EU).park(REF, KEYS);
	await parkedIn(EU).park({ ...REF, bucket: 1 }, KEYS);
	const next = { role: "leader", epoch: 1, mode: "steady", leader: EU, buckets: 2, peers: [AP] } as const;
	await world.store(EU).changeFences(P, [{ bucket: 1, expect: "absent", next }]);
	away = new Set([AP]);
	calls = [];
	expect(await sweep()).toEqual({ buckets: 2, carried: 0, owed: 0 });
	expect(calls.filter((call) => call.startsWith(AP))).toEqual([`${AP} readFence`]);
	expect(calls.filter((call) => call.endsWith("carry"))).toEqual([]);
});

it("carries everything once the region answers", async () => {
	await parkedIn(EU).park(REF, KEYS);
	expect(await sweep()).toEqual({ buckets: 1, carried: KEYS.length, owed: 0 });
	for (const region of [US, AP])
		for (const key of KEYS) expect(await world.store(region).readItem(REF, key), `${key} in ${region}`).toBeDefined();
	expect(parkedIn(EU).listed.size).toBe(0);
});

it("goes on with the other regions where one does not answer for its own keys", async () => {
	await parkedIn(EU).park(REF, KEYS);
	parkedIn(US).before = () => {
		throw new UnavailableError("away");
	};
	expect(await sweep()).toMatchObject({ carried: KEYS.length });
});

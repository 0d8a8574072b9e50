import { expect, test } from "vitest";
import { regionId } from "#domain/geography/region-id.ts";
import { partitionId } from "#domain/partition/partition-id.ts";
import type { PartitionRecord } from "#domain/partition/record.ts";
import { ROUTE_CACHE_DEFAULTS, RouteCache } from "#domain/routing/route-cache.ts";

const acme = partitionId("acme");
const record: PartitionRecord = {
	partition: acme,
	leader: regionId("eu-west-1"),
	followers: [],
	epoch: 1,
	phase: "active",
	buckets: 1,
	version: 1,
	createdAtMs: 0,
	updatedAtMs: 0,
	leaderSinceMs: 0,
};

test.each([
	["an active partition", record, 30_000],
	["a moving partition", { ...record, phase: "migrating" as const }, 1000],
	["an absent partition", undefined, 1000],
])("%s is fresh for its time and kept stale beyond it", (_name, held, ttlMs) => {
	const cache = new RouteCache();
	cache.put(acme, held, 100);
	expect(cache.get(acme, 100 + ttlMs - 1)).toEqual({ record: held, fresh: true });
	expect(cache.get(acme, 100 + ttlMs)).toEqual({ record: held, fresh: false });
});

test("the cache is bounded and drops what was used longest ago", () => {
	const cache = new RouteCache({ ...ROUTE_CACHE_DEFAULTS, capacity: 2 });
	const [a, b, c] = ["a", "b", "c"].map(partitionId) as [typeof acme, typeof acme, typeof acme];
	cache.put(a, undefined, 0);
	cache.put(b, undefined, 0);
	cache.get(a, 0);
	cache.put(c, undefined, 0);
	expect([a, b, c].map((partition) => cache.get(partition, 0) !== undefined)).toEqual([true, false, true]);
});

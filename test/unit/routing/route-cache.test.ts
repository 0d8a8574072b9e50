import { expect, test } from "vitest";
import { regionId } from "#domain/geography/region-id.ts";
import { partitionId } from "#domain/partition/partition-id.ts";
import type { KnownRoute } from "#domain/routing/known-route.ts";
import { RouteCache } from "#domain/routing/route-cache.ts";

const acme = partitionId("acme");
const [dublin, tokyo] = [regionId("eu-west-1"), regionId("ap-northeast-1")];
const route: KnownRoute = { leader: dublin, followers: [tokyo], epoch: 3, moving: false, buckets: 8 };
const moving: KnownRoute = { ...route, moving: true, canary: { target: tokyo, weight: 0.25, salt: "m-1" }, residency: [dublin, tokyo] };

test.each([
	["an active partition", route, 30_000, 300_000],
	["a moving partition", moving, 1000, 1000],
	["an absent partition", "absent" as const, 1000, 0],
])("%s is fresh for its time, stale for another, and kept beyond both", (_name, held, ttlMs, staleMs) => {
	const cache = new RouteCache(1);
	cache.put(acme, held, 100);
	const at = (ms: number) => cache.get(acme, 100 + ms);
	expect(at(ttlMs - 1)).toEqual({ route: held, freshness: "fresh" });
	if (staleMs > 0) expect(at(ttlMs + staleMs - 1)).toEqual({ route: held, freshness: "stale" });
	expect(at(ttlMs + staleMs)).toEqual({ route: held, freshness: "expired" });
});

test("what was used longest ago makes room, and the table stays within its bytes", () => {
	const maxBytes = 200_000;
	const cache = new RouteCache(1, { maxBytes });
	for (let index = 0; index < 20_000; index += 1) {
		cache.put(partitionId(`t${index}`), route, 0);
		cache.get(acme, 0) ?? cache.put(acme, route, 0);
		expect(cache.byteLength).toBeLessThanOrEqual(maxBytes);
	}
	expect(cache.size).toBeGreaterThan(3000);
	expect(cache.get(acme, 0)?.route).toEqual(route);
	expect(cache.get(partitionId("t0"), 0)).toBeUndefined();
	expect(cache.get(partitionId("t19999"), 0)?.route).toEqual(route);
});

test("a later epoch learned from an answer stays, whatever the metadata says until it has caught up", () => {
	const cache = new RouteCache(1);
	cache.put(acme, { ...route, residency: [dublin, tokyo] }, 0);
	cache.learn(acme, { leader: tokyo, followers: [dublin], epoch: 4 }, 0);
	const learned = { leader: tokyo, followers: [dublin], epoch: 4, moving: true, buckets: 8, residency: [dublin, tokyo] };
	expect(cache.get(acme, 0)).toEqual({ route: learned, freshness: "fresh" });
	cache.put(acme, route, 5000);
	cache.learn(acme, { leader: dublin, followers: [], epoch: 3 }, 5000);
	cache.put(acme, "absent", 5000);
	expect(cache.get(acme, 5999)).toEqual({ route: learned, freshness: "fresh" });
	cache.put(acme, { ...route, epoch: 4, leader: tokyo, followers: [dublin] }, 6000);
	expect(cache.get(acme, 35_999)).toMatchObject({ route: { moving: false, epoch: 4 }, freshness: "fresh" });
});

test("an answer teaches a partition of which nothing was known", () => {
	const cache = new RouteCache(1);
	cache.put(acme, "absent", 0);
	cache.learn(acme, { leader: tokyo, followers: [], epoch: 1 }, 0);
	expect(cache.get(acme, 0)?.route).toEqual({ leader: tokyo, followers: [], epoch: 1, moving: true, buckets: undefined });
});

test("a canary that had to be forgotten makes its route old, not wrong", () => {
	const cache = new RouteCache(1, { maxCanaries: 1 });
	cache.put(acme, moving, 0);
	cache.put(partitionId("other"), moving, 0);
	const { canary: _, ...without } = moving;
	expect(cache.get(acme, 0)).toEqual({ route: without, freshness: "expired" });
});

test("a route that a slot has no room for is not kept at all", () => {
	const cache = new RouteCache(1);
	const followers = ["a", "b", "c", "d", "e", "f"].map((letter) => regionId(`${letter}${letter}-west-1`));
	cache.put(acme, { ...route, followers }, 0);
	expect(cache.get(acme, 0)).toBeUndefined();
});

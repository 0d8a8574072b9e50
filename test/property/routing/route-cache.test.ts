import { expect, test } from "vitest";
import { regionId } from "#domain/geography/region-id.ts";
import { type PartitionId, partitionId } from "#domain/partition/partition-id.ts";
import type { KnownRoute } from "#domain/routing/known-route.ts";
import { RouteCache } from "#domain/routing/route-cache.ts";
import fc from "#test/__helpers__/fast-check.ts";

const regions = Array.from({ length: 12 }, (_, index) => regionId(`r${"abcdefghijkl"[index]}-west-1`));
const region = fc.constantFrom(...regions);
const names = Array.from({ length: 600 }, (_, index) => partitionId(`tenant-${index}`));
const name = fc.constantFrom(...names);
const route: fc.Arbitrary<KnownRoute> = fc
	.record({
		leader: region,
		followers: fc.uniqueArray(region, { maxLength: 5 }),
		epoch: fc.oneof(fc.integer({ min: 1, max: 5 }), fc.constant(2 ** 32 - 1)),
		moving: fc.boolean(),
		buckets: fc.constantFrom(1, 8, 64, undefined),
		residency: fc.option(fc.uniqueArray(region, { minLength: 1, maxLength: 12 }), { nil: undefined }),
		canary: fc.option(fc.record({ target: region, weight: fc.double({ min: 0, max: 1, noNaN: true }), salt: fc.string() }), {
			nil: undefined,
		}),
	})
	.map(({ residency, canary, ...given }) => ({
		...given,
		...(residency !== undefined && { residency }),
		...(canary !== undefined && { canary }),
	}));
const step = fc.oneof(
	fc.record({ kind: fc.constant("put" as const), name, route: fc.oneof({ weight: 3, arbitrary: route }, fc.constant("absent" as const)) }),
	fc.record({ kind: fc.constant("learn" as const), name, leader: region, epoch: fc.integer({ min: 1, max: 6 }) }),
	fc.record({ kind: fc.constant("get" as const), name }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** What may be held: the residency set in any order, everything else as it was. */
const alike = (held: KnownRoute | "absent" | undefined) =>
	held === undefined || held === "absent" ? held : { ...held, ...(held.residency && { residency: [...held.residency].sort() }) };

/** The rules in a few lines over a plain map that never forgets. */
function apply(model: Map<PartitionId, KnownRoute | "absent">, given: Step): void {
	if (given.kind === "get") return;
	const held = model.get(given.name);
	const heldEpoch = held === undefined || held === "absent" ? 0 : held.epoch;
	if (given.kind === "put") {
		if (heldEpoch <= (given.route === "absent" ? 0 : given.route.epoch)) model.set(given.name, given.route);
		return;
	}
	if (given.epoch <= heldEpoch) return;
	const { buckets, residency } = held === undefined || held === "absent" ? { buckets: undefined, residency: undefined } : held;
	const learned = { leader: given.leader, followers: [], epoch: given.epoch, moving: true, buckets };
	model.set(given.name, residency === undefined ? learned : { ...learned, residency });
}

test.each([
	["with room for all", 10_000_000, false],
	["that has to forget", 10_240, true],
])("a cache %s never gives anything but the last it was told of that very partition", (_what, maxBytes, forgets) => {
	let forgotten = 0;
	fc.assert(
		fc.property(fc.integer(), fc.array(step, { minLength: 500, maxLength: 2000 }), (seed, steps) => {
			const cache = new RouteCache(seed, { maxBytes });
			const model = new Map<PartitionId, KnownRoute | "absent">();
			for (const given of steps) {
				if (given.kind === "put") cache.put(given.name, given.route, 0);
				if (given.kind === "learn") cache.learn(given.name, { leader: given.leader, followers: [], epoch: given.epoch }, 0);
				const before = model.get(given.name);
				apply(model, given);
				const got = cache.get(given.name, 0)?.route;
				if (got === undefined && before !== undefined && given.kind === "get") {
					forgotten += 1;
					model.delete(given.name);
				} else if (forgets && given.kind !== "get") {
					// what had been forgotten is begun anew with this
					model.set(given.name, got as KnownRoute);
					if (given.kind === "put" && before === undefined) expect(alike(got)).toEqual(alike(given.route));
				} else expect(alike(got)).toEqual(alike(model.get(given.name)));
				expect(cache.byteLength).toBeLessThanOrEqual(maxBytes);
			}
			// whatever takes a place can be found there
			const found = names.filter((partition) => cache.get(partition, 0) !== undefined);
			expect(found.length).toBe(cache.size);
			if (!forgets) for (const [partition, held] of model) expect(alike(cache.get(partition, 0)?.route)).toEqual(alike(held));
		}),
		{ seed: 61, numRuns: 6 },
	);
	expect(forgotten > 0).toBe(forgets);
});

import { expect, test } from "vitest";
import { fnv1a64, mix64 } from "#domain/ring/hash.ts";
import { bucketOf, clientShare } from "#domain/ring/ring.ts";
import fc from "#test/__helpers__/fast-check.ts";

const key = fc.string({ unit: "binary", maxLength: 60 });
const count = fc.integer({ min: 1, max: 64 });
const manyKeys = Array.from({ length: 10_000 }, (_, index) => `orders/2026/${index}`);

test("a key's bucket exists and does not change", () => {
	fc.assert(
		fc.property(key, count, (name, buckets) => {
			const bucket = bucketOf(name, buckets);
			expect(Number.isInteger(bucket) && bucket >= 0 && bucket < buckets).toBe(true);
			expect(bucketOf(name, buckets)).toBe(bucket);
		}),
		{ seed: 1 },
	);
});

test("growth moves keys into new buckets only", () => {
	fc.assert(
		fc.property(key, count, count, (name, a, b) => {
			const [few, many] = [Math.min(a, b), Math.max(a, b)];
			const before = bucketOf(name, few);
			const after = bucketOf(name, many);
			expect(after === before || after >= few).toBe(true);
		}),
		{ seed: 2, numRuns: 1000 },
	);
});

test.each([1, 2, 3, 8, 16, 32])("doubling %i buckets moves half of each bucket's items", (buckets) => {
	const items = Array.from({ length: buckets }, () => 0);
	const moved = Array.from({ length: buckets }, () => 0);
	for (const name of manyKeys) {
		const before = bucketOf(name, buckets);
		items[before] = (items[before] ?? 0) + 1;
		if (bucketOf(name, 2 * buckets) !== before) moved[before] = (moved[before] ?? 0) + 1;
	}
	for (const [bucket, total] of items.entries()) {
		// four standard deviations of a fair coin
		expect(Math.abs((moved[bucket] ?? 0) - total / 2)).toBeLessThan(2 * Math.sqrt(total));
	}
});

test("64 buckets share 10,000 keys as evenly as chance allows: the spread is within 10 % of the mean", () => {
	const items = Array.from({ length: 64 }, () => 0);
	for (const name of manyKeys) items[bucketOf(name, 64)] = (items[bucketOf(name, 64)] ?? 0) + 1;
	const mean = manyKeys.length / 64;
	const deviation = Math.sqrt(items.reduce((sum, n) => sum + (n - mean) ** 2, 0) / 64);
	expect(deviation / mean).toBeLessThan(0.1);
	expect(Math.min(...items)).toBeGreaterThan(mean * 0.6);
});

test("a bucket count that is no count is refused", () => {
	for (const bad of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) expect(() => bucketOf("k", bad)).toThrow(RangeError);
});

test("client shares are sticky, uniform, and drawn anew by another salt", () => {
	const shares = manyKeys.map((client) => clientShare(client, "m1"));
	expect(shares.every((share) => share >= 0 && share < 1)).toBe(true);
	expect(shares[0]).toBe(clientShare(manyKeys[0] ?? "", "m1"));
	for (const weight of [0.01, 0.1, 0.5]) {
		const inside = shares.filter((share) => share < weight).length;
		expect(Math.abs(inside - weight * 10_000)).toBeLessThan(4 * Math.sqrt(10_000 * weight * (1 - weight)));
	}
	const both = manyKeys.filter((client, index) => (shares[index] ?? 1) < 0.5 && clientShare(client, "m2") < 0.5).length;
	expect(Math.abs(both - 2500)).toBeLessThan(200);
});

test("the two-word FNV-1a equals the definition", () => {
	const definition = (text: string): bigint =>
		new TextEncoder()
			.encode(text)
			.reduce((hash, byte) => ((hash ^ BigInt(byte)) * 0x100000001b3n) & 0xffff_ffff_ffff_ffffn, 0xcbf29ce484222325n);
	fc.assert(
		fc.property(key, (text) => fnv1a64(text) === definition(text)),
		{ seed: 3, numRuns: 500 },
	);
});

test("the finalizer is injective on what it was given", () => {
	const any64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
	fc.assert(
		fc.property(any64, any64, (a, b) => (a === b) === (mix64(a) === mix64(b))),
		{ seed: 4 },
	);
});

import { describe, expect, it } from "vitest";
import { regionId } from "#domain/geography/region-id.ts";
import { ADVICE, adviseReplicas, KEY_RANGE, StorageClass } from "#domain/migration/replica-advice.ts";
import { PUBLISHED_PRICES } from "#domain/pricing/published-prices.ts";
import fc from "#test/__helpers__/fast-check.ts";

const VIRGINIA = regionId("us-east-1");

interface Known {
	readonly items: number;
	readonly itemBytes: number;
	readonly requests: number;
	readonly writeShare: number;
}

const known: fc.Arbitrary<Known> = fc.record({
	items: fc.integer({ min: 0, max: 50_000_000 }),
	itemBytes: fc.integer({ min: 1, max: 256 * 1024 }),
	requests: fc.double({ min: 0, max: 20_000, noNaN: true }),
	writeShare: fc.double({ min: 0, max: 1, noNaN: true }),
});

const advise = ({ items, itemBytes, requests, writeShare }: Known) =>
	adviseReplicas(
		{
			size: { items, bytes: items * itemBytes, measuredAtMs: 0 },
			load: {
				requestsPerSecond: requests,
				writesPerSecond: requests * writeShare,
				bytesPerSecond: 0,
				byRegion: {},
				viewers: {},
			},
		},
		VIRGINIA,
	);

describe("what would fit a partition", () => {
	it("is a power of two from 1 to 64, and grows with size and load", () => {
		fc.assert(
			fc.property(known, fc.double({ min: 1, max: 20, noNaN: true }), (one, factor) => {
				const { buckets } = advise(one);
				expect(Number.isInteger(Math.log2(buckets)) && buckets >= 1 && buckets <= 64).toBe(true);
				expect(advise({ ...one, requests: one.requests * factor }).buckets).toBeGreaterThanOrEqual(buckets);
				expect(advise({ ...one, items: Math.ceil(one.items * factor) }).buckets).toBeGreaterThanOrEqual(buckets);
			}),
		);
	});

	it("keeps every key range below its limits, unless it says that there are not enough, and asks for no more than twice what it must", () => {
		fc.assert(
			fc.property(known, (one) => {
				const { buckets, why } = advise(one);
				const bytes = one.items * (one.itemBytes + ADVICE.overheadBytes);
				const perItem = Math.ceil((one.items === 0 ? ADVICE.overheadBytes : one.itemBytes + ADVICE.overheadBytes) / 1024);
				const writeUnits = one.requests * one.writeShare * (4 + 2 * perItem) * ADVICE.peak;
				const beyond = why.join().includes("the most there may be");
				if (!beyond) {
					expect(bytes / buckets).toBeLessThanOrEqual(KEY_RANGE.bytes);
					expect(writeUnits / buckets).toBeLessThanOrEqual(KEY_RANGE.writeUnitsPerSecond);
				} else expect(buckets).toBe(64);
				if (buckets === 1) return;
				const half = buckets / 2;
				const reads = one.requests * (1 - one.writeShare);
				const readUnits = Math.ceil(perItem / 4);
				const needsMore =
					bytes / half > KEY_RANGE.bytes * ADVICE.fill ||
					writeUnits / half > KEY_RANGE.writeUnitsPerSecond * ADVICE.fill ||
					((reads * (readUnits + 1) + one.requests * one.writeShare * readUnits) * ADVICE.peak) / half >
						KEY_RANGE.readUnitsPerSecond * ADVICE.fill * 0.999 ||
					(one.items * perItem * 2) / half > KEY_RANGE.writeUnitsPerSecond * ADVICE.copySeconds;
				expect(needsMore).toBe(true);
			}),
		);
	});

	it("is the table class that costs less a month", () => {
		fc.assert(
			fc.property(known, (one) => {
				const { storageClass } = advise(one);
				const storedBytes = one.items * (one.itemBytes + ADVICE.overheadBytes);
				const itemBytes = one.items === 0 ? ADVICE.overheadBytes : storedBytes / one.items;
				const month = 730 * 3600;
				const writes = one.requests * one.writeShare * Math.ceil(itemBytes / 1024) * month;
				const reads = Math.max(0, one.requests - one.requests * one.writeShare) * Math.ceil(itemBytes / 4096) * month;
				const { rows } = PUBLISHED_PRICES;
				const of = (row: keyof typeof rows, units: number): number =>
					(Number(rows[row].regions["us-east-1"]?.usd ?? rows[row].everywhere?.usd) * units) / rows[row].per;
				const standard = of("writeUnit", writes) + of("readUnit", reads) + of("storageGbMonth", storedBytes / 1e9);
				const infrequent =
					of("infrequentWriteUnit", writes) + of("infrequentReadUnit", reads) + of("infrequentStorageGbMonth", storedBytes / 1e9);
				const difference = standard - infrequent;
				if (Math.abs(difference) > 1e-9 * standard)
					expect(storageClass).toBe(difference > 0 ? StorageClass.InfrequentAccess : StorageClass.Standard);
			}),
		);
	});

	it("says a small tenant needs one bucket, and a large quiet archive the class for it", () => {
		expect(advise({ items: 1_000, itemBytes: 1_000, requests: 5, writeShare: 0.2 })).toMatchObject({
			buckets: 1,
			storageClass: "STANDARD",
		});
		const archive = advise({ items: 40_000_000, itemBytes: 1_000, requests: 0.1, writeShare: 0.2 });
		expect(archive).toMatchObject({ buckets: 64, storageClass: "STANDARD_INFREQUENT_ACCESS" });
		expect(archive.why[0]).toContain("a copy within 15 minutes");
	});
});

import { expect, test } from "vitest";
import { regionId } from "#domain/geography/region-id.ts";
import { ownMoveCostMs } from "#domain/placement/own-move-cost.ts";
import { transferUsd } from "#domain/pricing/price-table.ts";
import { PUBLISHED_PRICES } from "#domain/pricing/published-prices.ts";
import fc from "#test/__helpers__/fast-check.ts";

const REGIONS = ["eu-west-1", "us-east-1", "ap-northeast-1", "sa-east-1"].map(regionId);
const move = fc.record({
	size: fc.record({ items: fc.nat(1_000_000), bytes: fc.nat(1e9) }),
	controlRegion: fc.constantFrom(...REGIONS),
	source: fc.constantFrom(...REGIONS),
	target: fc.constantFrom(...REGIONS),
	usdPerMillionMs: fc.double({ min: 0.01, max: 1000, noNaN: true }),
	prices: fc.constant(PUBLISHED_PRICES),
});

test("a move costs more the more there is to carry, and less ms the more a ms is worth", () => {
	fc.assert(
		fc.property(move, fc.nat(1e9), fc.nat(1_000_000), (one, bytes, items) => {
			const cost = ownMoveCostMs(one);
			expect(cost).toBeGreaterThan(0);
			const more = ownMoveCostMs({ ...one, size: { items: one.size.items + items, bytes: one.size.bytes + bytes } });
			expect(more).toBeGreaterThanOrEqual(cost * (1 - 1e-9));
			expect(ownMoveCostMs({ ...one, usdPerMillionMs: 2 * one.usdPerMillionMs })).toBeCloseTo(cost / 2, 6);
		}),
	);
});

test("a gigabyte of a thousand items from Ireland to Tokyo, by hand", () => {
	const ms = ownMoveCostMs({
		size: { items: 1000, bytes: 1e9 },
		controlRegion: regionId("eu-west-1"),
		source: regionId("eu-west-1"),
		target: regionId("ap-northeast-1"),
		usdPerMillionMs: 1,
		prices: PUBLISHED_PRICES,
	});
	// seven passes over the way, at the dearer of both directions' list prices for a GB
	const [ireland, tokyo] = [regionId("eu-west-1"), regionId("ap-northeast-1")];
	const perGb = Math.max(transferUsd(PUBLISHED_PRICES, ireland, tokyo, 1e9), transferUsd(PUBLISHED_PRICES, tokyo, ireland, 1e9));
	// written and deleted in transactions of two units a kB, read six times in units of 4 kB, by half as dear as strongly
	const kB = 1e9 / 1024;
	const requests = (4 * kB * 0.715 + ((6 * kB) / 4) * 0.143) / 1e6;
	expect(ms / 1e6 - 7 * perGb).toBeGreaterThan(requests / 1.5);
	expect(ms / 1e6 - 7 * perGb).toBeLessThan(1.5 * requests);
});

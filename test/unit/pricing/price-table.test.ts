import { describe, expect, it } from "vitest";
import { regionId } from "#domain/geography/region-id.ts";
import { REGIONS } from "#domain/geography/regions.ts";
import { priceOverridesSchema, withOverrides } from "#domain/pricing/overrides.ts";
import { findPrice, findTransferPrice, Priced, transferUsd } from "#domain/pricing/price-table.ts";
import { PUBLISHED_PRICES } from "#domain/pricing/published-prices.ts";

const [virginia, ohio, ireland, tokyo] = ["us-east-1", "us-east-2", "eu-west-1", "ap-northeast-1"].map(regionId) as [
	ReturnType<typeof regionId>,
	ReturnType<typeof regionId>,
	ReturnType<typeof regionId>,
	ReturnType<typeof regionId>,
];

describe("PUBLISHED_PRICES", () => {
	it("price everything in every region of the catalogue, from a dated source or by an assumption that is dearer than any of them", () => {
		for (const priced of Object.values(Priced)) {
			const row = PUBLISHED_PRICES.rows[priced];
			const listed = Object.values(row.regions).map(({ usd }) => usd);
			for (const { id } of REGIONS) {
				const { usdPerUnit, source } = findPrice(PUBLISHED_PRICES, priced, id);
				expect(Number.isFinite(usdPerUnit), `${priced} ${id}`).toBe(true);
				if (source === "assumed") expect(usdPerUnit * row.per, `${priced} ${id}`).toBeGreaterThanOrEqual(Math.max(...listed));
				else expect(PUBLISHED_PRICES.sources[source]?.asOf, `${priced} ${id}`).toMatch(/^20\d\d-\d\d-\d\d$/);
			}
		}
	});

	it("list no region that the catalogue does not know", () => {
		const known = new Set<string>(REGIONS.map(({ id }) => id));
		for (const { regions } of Object.values(PUBLISHED_PRICES.rows)) for (const code of Object.keys(regions)) expect(known).toContain(code);
	});

	it("charge transfer to the sender, nothing inside a region, and near neighbours their own price", () => {
		expect(transferUsd(PUBLISHED_PRICES, tokyo, virginia, 1e9)).toBeCloseTo(0.09, 12);
		expect(transferUsd(PUBLISHED_PRICES, virginia, tokyo, 1e9)).toBeCloseTo(0.02, 12);
		expect(transferUsd(PUBLISHED_PRICES, tokyo, tokyo, 1e12)).toBe(0);
		expect(findTransferPrice(PUBLISHED_PRICES, virginia, ohio).usdPerUnit).toBe(0.01);
	});
});

describe("withOverrides", () => {
	const overrides = priceOverridesSchema.parse({
		asOf: "2026-11-01",
		prices: { writeUnit: { "eu-west-1": 0.7 }, transferGb: { everywhere: 0.05, "ap-northeast-1": 0.06 } },
	});
	const prices = withOverrides(PUBLISHED_PRICES, overrides);

	it("replaces what the file names and keeps the rest", () => {
		expect(findPrice(prices, Priced.WriteUnit, ireland)).toEqual({ usdPerUnit: 0.7 / 1e6, source: "own" });
		expect(findPrice(prices, Priced.WriteUnit, virginia)).toEqual(findPrice(PUBLISHED_PRICES, Priced.WriteUnit, virginia));
		expect(findTransferPrice(prices, virginia, ohio)).toEqual({ usdPerUnit: 0.05, source: "own" });
		expect(findTransferPrice(prices, tokyo, ohio)).toEqual({ usdPerUnit: 0.06, source: "own" });
		expect(prices.sources["own"]).toMatchObject({ asOf: "2026-11-01", title: "prices of your own" });
	});

	it.each([
		[{ prices: {} }, "asOf"],
		[{ asOf: "yesterday", prices: {} }, "must be a date such as 2026-11-25"],
		[{ asOf: "2026-11-01", prices: { beer: { everywhere: 1 } } }, "beer"],
		[{ asOf: "2026-11-01", prices: { writeUnit: { europe: 1 } } }, "must be an AWS region code"],
		[{ asOf: "2026-11-01", prices: { writeUnit: { everywhere: -1 } } }, "must not be negative"],
	])("refuses %j", (input, message) => {
		expect(JSON.stringify(priceOverridesSchema.safeParse(input).error?.issues)).toContain(message);
	});
});

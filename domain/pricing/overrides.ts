import * as z from "zod";
import { isRegionId } from "#domain/geography/region-id.ts";
import { Priced, type PriceRow, type PriceTable } from "#domain/pricing/price-table.ts";
import { PUBLISHED_PRICES } from "#domain/pricing/published-prices.ts";

const region = z.string().refine(isRegionId, "must be an AWS region code such as eu-west-1");
const usd = z.number().min(0, "must not be negative");

/**
 * Prices of one's own, as read from a file: `asOf` (a date) and, by what is priced, US dollars by region, for as many units as the
 * published row is for (`per` in published-prices.ts: a million requests, one GB). `everywhere` sets all regions.
 */
export const priceOverridesSchema = z.strictObject({
	asOf: z.iso.date("must be a date such as 2026-11-25"),
	source: z.string().min(1).default("prices of your own"),
	prices: z.partialRecord(z.enum(Object.values(Priced)), z.record(z.union([z.literal("everywhere"), region]), usd)),
});
export type PriceOverrides = z.output<typeof priceOverridesSchema>;

/** The published prices, with those of one's own where there are any. */
export const pricesOf = (own: PriceOverrides | undefined): PriceTable =>
	own === undefined ? PUBLISHED_PRICES : withOverrides(PUBLISHED_PRICES, own);

const OWN = "own";

/** The table with some prices replaced; they bear the file's date and are no assumptions. */
export function withOverrides(table: PriceTable, { asOf, source, prices }: PriceOverrides): PriceTable {
	const rows = Object.fromEntries(
		Object.entries(table.rows).map(([priced, row]) => [priced, replaced(row, prices[priced as Priced] ?? {})]),
	) as Record<Priced, PriceRow>;
	const touchesTransfer = prices[Priced.TransferGb] !== undefined;
	return {
		sources: { ...table.sources, [OWN]: { title: source, url: "", asOf } },
		rows,
		// A price of one's own for a sender holds for all its pairs
		transferPairs: touchesTransfer ? {} : table.transferPairs,
	};
}

function replaced(row: PriceRow, own: Readonly<Partial<Record<string, number>>>): PriceRow {
	const { everywhere, ...byRegion } = own;
	const points = Object.fromEntries(
		Object.entries(byRegion).flatMap(([code, price]) => (price === undefined ? [] : [[code, { usd: price, source: OWN }]])),
	);
	if (everywhere !== undefined) return { per: row.per, regions: points, everywhere: { usd: everywhere, source: OWN } };
	return { ...row, regions: { ...row.regions, ...points } };
}

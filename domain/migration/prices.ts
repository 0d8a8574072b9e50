import type { RegionId } from "#domain/geography/region-id.ts";

/** Prices in US dollars, before any agreement. */
export interface Prices {
	/** A million write request units of an on-demand table of the standard class, by region; `other` for regions that are not listed. */
	readonly writeUsdPerMillion: RegionalPrice;
	/** A read request unit costs this share of a write request unit. */
	readonly readShare: number;
	/** A GB (10^9 bytes) sent from a region to another one, by the sender; what comes in is free. */
	readonly transferUsdPerGb: RegionalPrice;
}

type RegionalPrice = Readonly<Record<string, number>> & { readonly other: number };

/**
 * DynamoDB on demand in us-east-1 since November 2024 (0.625 and 0.125 for a million write and read units), and transfer out of
 * regions of the United States and of Europe, as quoted in 2025 and 2026. What is not listed is an assumption that errs upwards:
 * half as much again for requests, the upper end of what is quoted for Asia for transfer. One table for everything that counts money;
 * pass another, with the prices of your regions, to override it.
 *
 * @see https://airbyte.com/data-engineering-resources/dynamodb-pricing
 * @see https://redresscompliance.com/aws-inter-region-transfer-costs-multiregion
 */
export const PUBLISHED_PRICES: Prices = {
	writeUsdPerMillion: { "us-east-1": 0.625, other: 0.9375 },
	readShare: 0.2,
	transferUsdPerGb: {
		"us-east-1": 0.02,
		"us-east-2": 0.02,
		"us-west-1": 0.02,
		"us-west-2": 0.02,
		"eu-central-1": 0.02,
		"eu-north-1": 0.02,
		"eu-west-1": 0.02,
		"eu-west-2": 0.02,
		"eu-west-3": 0.02,
		other: 0.09,
	},
};

/** What `writeUnits` and `readUnits` cost in a region. */
export const requestUsd = ({ writeUsdPerMillion, readShare }: Prices, region: RegionId, writeUnits: number, readUnits: number): number =>
	(listed(writeUsdPerMillion, region) * (writeUnits + readShare * readUnits)) / 1e6;

/** What sending so many bytes costs; nothing inside a region. */
export const transferUsd = ({ transferUsdPerGb }: Prices, from: RegionId, to: RegionId, bytes: number): number =>
	from === to ? 0 : (listed(transferUsdPerGb, from) * bytes) / 1e9;

const listed = (prices: RegionalPrice, region: RegionId): number => prices[region] ?? prices.other;

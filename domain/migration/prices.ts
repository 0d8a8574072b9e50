import type { RegionId } from "#domain/geography/region-id.ts";

/** Published prices in US dollars, before any agreement. */
export interface Prices {
	/** A million write request units of an on-demand table of the standard class, by region. */
	readonly writeUsdPerMillion: Readonly<Record<string, number>>;
	/** A read request unit costs this share of a write request unit, in every region. */
	readonly readShare: number;
	/** A GB (10^9 bytes) sent from a region to another one, by the sender; what comes in is free. */
	readonly transferUsdPerGb: Readonly<Record<string, number>>;
}

/**
 * DynamoDB on demand since November 2024, transfer between regions as published for EC2, read in 2025. A region that is not listed is
 * taken at the dearest price of its list, so that an estimate errs upwards. One table for everything that counts money; pass another to
 * override it.
 *
 * @see https://aws.amazon.com/dynamodb/pricing/on-demand/
 * @see https://aws.amazon.com/ec2/pricing/on-demand/#Data_Transfer
 */
export const PUBLISHED_PRICES: Prices = {
	writeUsdPerMillion: {
		"us-east-1": 0.625,
		"us-east-2": 0.625,
		"us-west-2": 0.625,
		"us-west-1": 0.697,
		"ca-central-1": 0.6875,
		"eu-west-1": 0.7065,
		"eu-west-2": 0.7423,
		"eu-west-3": 0.7423,
		"eu-central-1": 0.7625,
		"eu-north-1": 0.6725,
		"ap-northeast-1": 0.7135,
		"ap-northeast-2": 0.6785,
		"ap-southeast-1": 0.7115,
		"ap-southeast-2": 0.7115,
		"ap-south-1": 0.7115,
		"sa-east-1": 0.9375,
	},
	readShare: 0.2,
	transferUsdPerGb: {
		"us-east-1": 0.02,
		"us-east-2": 0.02,
		"us-west-1": 0.02,
		"us-west-2": 0.02,
		"ca-central-1": 0.02,
		"eu-central-1": 0.02,
		"eu-north-1": 0.02,
		"eu-south-1": 0.02,
		"eu-west-1": 0.02,
		"eu-west-2": 0.02,
		"eu-west-3": 0.02,
		"ap-northeast-1": 0.09,
		"ap-northeast-2": 0.08,
		"ap-northeast-3": 0.09,
		"ap-southeast-1": 0.09,
		"ap-southeast-2": 0.098,
		"ap-south-1": 0.086,
		"ap-east-1": 0.09,
		"me-south-1": 0.1105,
		"sa-east-1": 0.138,
		"af-south-1": 0.147,
	},
};

/** What `writeUnits` and `readUnits` cost in a region. */
export const requestUsd = ({ writeUsdPerMillion, readShare }: Prices, region: RegionId, writeUnits: number, readUnits: number): number =>
	(listed(writeUsdPerMillion, region) * (writeUnits + readShare * readUnits)) / 1e6;

/** What sending so many bytes costs; nothing inside a region. */
export const transferUsd = ({ transferUsdPerGb }: Prices, from: RegionId, to: RegionId, bytes: number): number =>
	from === to ? 0 : (listed(transferUsdPerGb, from) * bytes) / 1e9;

const listed = (prices: Readonly<Record<string, number>>, region: RegionId): number => prices[region] ?? Math.max(...Object.values(prices));

import { readPricesFile } from "#cli/read-prices-file.ts";
import { UsageError } from "#cli/usage-error.ts";
import type { PriceOverrides } from "#domain/pricing/overrides.ts";

/** The flags of `cost` as the command line gives them. */
export interface RawCostOptions {
	readonly settings?: string;
	readonly partitions?: string;
	readonly requests?: string;
	readonly readShare?: string;
	readonly copies?: string;
	readonly itemBytes?: string;
	readonly partitionBytes?: string;
	readonly moves?: string;
	readonly prices?: string;
	readonly json?: string;
}

/** The flags of `cost`, checked, with their defaults. */
export interface CostOptions {
	readonly settings: string;
	readonly partitions: number;
	readonly requests: number;
	readonly readShare: number;
	readonly copies: number;
	readonly itemBytes: number;
	readonly partitionBytes: number;
	readonly moves: number;
	readonly prices: PriceOverrides | undefined;
	readonly json: string | undefined;
}

const MOST = 1e15;
const MAX_ITEM_BYTES = 400_000;

/** @throws UsageError for what is no number in its range, and for a price file that cannot be used */
export function parseCostOptions(raw: RawCostOptions): CostOptions {
	if (raw.settings === undefined) throw new UsageError("cost needs --settings with a settings file, for example settings/dev.ts");
	return {
		settings: raw.settings,
		partitions: number("--partitions", raw.partitions, 1000, 1, MOST),
		requests: number("--requests", raw.requests, 10_000_000, 0, MOST),
		readShare: number("--read-share", raw.readShare, 0.8, 0, 1),
		copies: number("--copies", raw.copies, 2, 1, 5),
		itemBytes: number("--item-bytes", raw.itemBytes, 1024, 1, MAX_ITEM_BYTES),
		partitionBytes: number("--partition-bytes", raw.partitionBytes, 10_000_000, 0, MOST),
		moves: number("--moves", raw.moves, 2, 0, 1000),
		prices: raw.prices === undefined ? undefined : readPricesFile(raw.prices),
		json: raw.json,
	};
}

function number(flag: string, text: string | undefined, otherwise: number, least: number, most: number): number {
	if (text === undefined) return otherwise;
	const value = /^\d+(\.\d+)?(e\d{1,2})?$/i.test(text) ? Number(text) : Number.NaN;
	if (value >= least && value <= most) return value;
	throw new UsageError(`${flag} takes a number from ${least} to ${most}, not ${JSON.stringify(text.slice(0, 80))}`);
}

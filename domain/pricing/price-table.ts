import type { RegionId } from "#domain/geography/region-id.ts";

/** What is paid for, each by its own unit. */
export const Priced = {
	/** DynamoDB on demand, standard class: a write of up to 1 KiB. */
	WriteUnit: "writeUnit",
	/** DynamoDB on demand, standard class: a strongly consistent read of up to 4 KiB. */
	ReadUnit: "readUnit",
	/** A write that a global table applies in a further region, up to 1 KiB. */
	ReplicatedWriteUnit: "replicatedWriteUnit",
	/** The same three of the infrequent-access class. */
	InfrequentWriteUnit: "infrequentWriteUnit",
	InfrequentReadUnit: "infrequentReadUnit",
	/** A month of a GB (10^9 bytes) of a table; the free allowance is not taken off. */
	StorageGbMonth: "storageGbMonth",
	InfrequentStorageGbMonth: "infrequentStorageGbMonth",
	/** A GetRecords call on a table's stream by anybody but Lambda and global tables, whose calls are free. */
	StreamRead: "streamRead",
	/** A GB sent to another region; priced by the sender, what comes in is free. */
	TransferGb: "transferGb",
	LambdaRequest: "lambdaRequest",
	/** A second of a function with a GB of memory. */
	LambdaGbSecond: "lambdaGbSecond",
	/** Lambda@Edge; one price everywhere. */
	EdgeRequest: "edgeRequest",
	EdgeGbSecond: "edgeGbSecond",
	/** A state transition of a standard workflow. */
	StateTransition: "stateTransition",
	/** An HTTPS request at CloudFront, and a GB from its edge to viewers; by the region nearest to the viewer. */
	CloudFrontRequest: "cloudFrontRequest",
	CloudFrontGb: "cloudFrontGb",
	/** A line of CloudFront's real-time log. */
	RealTimeLogLine: "realTimeLogLine",
} as const;
export type Priced = (typeof Priced)[keyof typeof Priced];

/** A price in US dollars before any agreement, tax or allowance. */
export interface PricePoint {
	/** For `per` of the row's unit. */
	readonly usd: number;
	/** A key of the table's `sources`. */
	readonly source: string;
}

export interface PriceRow {
	/** How many units the prices of the row buy. */
	readonly per: number;
	/** By region code; of the sender for transfer. */
	readonly regions: Readonly<Record<string, PricePoint>>;
	/** For every region that is not listed: an assumption that errs upwards. Absent where one price holds everywhere (`everywhere`). */
	readonly assumed?: number;
	/** One price for all regions. */
	readonly everywhere?: PricePoint;
}

export interface PriceSource {
	readonly title: string;
	readonly url: string;
	/** When the price was stated or read there, as a date. */
	readonly asOf: string;
}

/** Everything that money is counted by. One table serves plans, what-if runs and the calculator. */
export interface PriceTable {
	readonly sources: Readonly<Record<string, PriceSource>>;
	readonly rows: Readonly<Record<Priced, PriceRow>>;
	/** Pairs of regions whose transfer has a price of its own, `from to`. */
	readonly transferPairs: Readonly<Record<string, PricePoint>>;
}

/** A price and where it comes from; `assumed` where no source was found. */
export interface FoundPrice {
	readonly usdPerUnit: number;
	readonly source: string | "assumed";
}

/** The price of one unit in a region. */
export function findPrice({ rows }: PriceTable, priced: Priced, region: RegionId): FoundPrice {
	const { per, regions, assumed, everywhere } = rows[priced];
	const point = regions[region] ?? everywhere;
	if (point !== undefined) return { usdPerUnit: point.usd / per, source: point.source };
	return { usdPerUnit: (assumed ?? Number.NaN) / per, source: "assumed" };
}

/** The price of a GB from one region to another; nothing inside a region. */
export function findTransferPrice(prices: PriceTable, from: RegionId, to: RegionId): FoundPrice {
	if (from === to) return { usdPerUnit: 0, source: "free" };
	const pair = prices.transferPairs[`${from} ${to}`];
	if (pair !== undefined) return { usdPerUnit: pair.usd, source: pair.source };
	return findPrice(prices, Priced.TransferGb, from);
}

/** What `quantity` units cost in a region, in US dollars. */
export const usdFor = (prices: PriceTable, priced: Priced, region: RegionId, quantity: number): number =>
	findPrice(prices, priced, region).usdPerUnit * quantity;

/** What sending so many bytes costs, in US dollars. */
export const transferUsd = (prices: PriceTable, from: RegionId, to: RegionId, bytes: number): number =>
	(findTransferPrice(prices, from, to).usdPerUnit * bytes) / 1e9;

import type { RegionId } from "#domain/geography/region-id.ts";
import type { PartitionSize, PartitionState } from "#domain/partition-state/state.ts";
import { Priced, type PriceTable, usdFor } from "#domain/pricing/price-table.ts";
import { PUBLISHED_PRICES } from "#domain/pricing/published-prices.ts";
import { readUnits, TRANSACTION, writeUnits } from "#domain/pricing/request-units.ts";

/** The table classes of DynamoDB, as its API names them. */
export const StorageClass = { Standard: "STANDARD", InfrequentAccess: "STANDARD_INFREQUENT_ACCESS" } as const;
export type StorageClass = (typeof StorageClass)[keyof typeof StorageClass];

/** What would fit a partition, by what is known of its size and load. Buckets are fixed for a copy generation, and a table has one class: it is said, not done. */
export interface ReplicaAdvice {
	/** A power of two, 1..64: doubling moves half of each bucket and nothing else. */
	readonly buckets: number;
	readonly storageClass: StorageClass;
	/** In words, a sentence each. */
	readonly why: readonly string[];
}

/**
 * What one key range of DynamoDB bears: a bucket is at least one.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html (1,000 write and 3,000 read units a
 * second), https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.Partitions.html (about 10 GB)
 */
export const KEY_RANGE = { writeUnitsPerSecond: 1_000, readUnitsPerSecond: 3_000, bytes: 10e9 } as const;

/** How the advice is made. */
export const ADVICE = {
	/** Share of a key range's limits that is planned for, 0..1. Default a half: hashing leaves one bucket above the mean. */
	fill: 0.5,
	/** The busiest second against the mean of the hour that is known. Default 4. Range: at least 1. */
	peak: 4,
	/** Seconds that a full copy may take. Default a quarter of an hour: following the sun must not take an hour. */
	copySeconds: 900,
	/** A guarded write: fence, item and journal entry in one transaction, which counts twice (domain/partition). */
	guardedUnits: 6,
	/** Attributes and key of an item beside its body, in bytes. */
	overheadBytes: 200,
} as const;

const MAX_BUCKETS = 64;
const SECONDS_PER_MONTH = 730 * 3600;

interface Demand {
	readonly writeUnitsPerSecond: number;
	readonly readUnitsPerSecond: number;
	readonly storedBytes: number;
	/** Of a full copy. */
	readonly copyUnits: number;
}

/**
 * What would fit a partition led in `region`. Grows with size and load, never shrinks. The class is the one that costs less a month.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CostOptimization_TableClass.html
 */
export function adviseReplicas(
	{ size, load }: { readonly size: PartitionSize; readonly load: PartitionState["load"] },
	region: RegionId,
	prices: PriceTable = PUBLISHED_PRICES,
): ReplicaAdvice {
	const storedBytes = size.bytes + size.items * ADVICE.overheadBytes;
	const itemBytes = size.items === 0 ? ADVICE.overheadBytes : storedBytes / size.items;
	const writes = load.writesPerSecond;
	const reads = Math.max(0, load.requestsPerSecond - writes);
	const { buckets, because } = bucketsFor({
		writeUnitsPerSecond: writes * (ADVICE.guardedUnits + TRANSACTION * (writeUnits(itemBytes) - 1)) * ADVICE.peak,
		// A guarded read reads the fence too.
		readUnitsPerSecond: (reads * (readUnits(itemBytes) + 1) + writes * readUnits(itemBytes)) * ADVICE.peak,
		storedBytes,
		copyUnits: size.items * writeUnits(itemBytes) * TRANSACTION,
	});
	const month = (write: Priced, read: Priced, storage: Priced): number =>
		usdFor(prices, write, region, writes * writeUnits(itemBytes) * SECONDS_PER_MONTH) +
		usdFor(prices, read, region, reads * readUnits(itemBytes) * SECONDS_PER_MONTH) +
		usdFor(prices, storage, region, storedBytes / 1e9);
	const standard = month(Priced.WriteUnit, Priced.ReadUnit, Priced.StorageGbMonth);
	const infrequent = month(Priced.InfrequentWriteUnit, Priced.InfrequentReadUnit, Priced.InfrequentStorageGbMonth);
	const storageClass = infrequent < standard ? StorageClass.InfrequentAccess : StorageClass.Standard;
	return {
		buckets,
		storageClass,
		why: [
			`${buckets} ${buckets === 1 ? "bucket" : "buckets"}: ${because}`,
			`${storageClass}: the leader's storage and requests cost ${usd(standard)} a month in STANDARD, ${usd(infrequent)} in the other class`,
		],
	};
}

/** The least power of two that no limit of a key range stands against, and the limit that asks for most. */
function bucketsFor({ writeUnitsPerSecond, readUnitsPerSecond, storedBytes, copyUnits }: Demand) {
	const needs = [
		{ for: "size", buckets: storedBytes / (KEY_RANGE.bytes * ADVICE.fill) },
		{ for: "guarded writes in the busiest second", buckets: writeUnitsPerSecond / (KEY_RANGE.writeUnitsPerSecond * ADVICE.fill) },
		{ for: "reads in the busiest second", buckets: readUnitsPerSecond / (KEY_RANGE.readUnitsPerSecond * ADVICE.fill) },
		{ for: `a copy within ${ADVICE.copySeconds / 60} minutes`, buckets: copyUnits / (KEY_RANGE.writeUnitsPerSecond * ADVICE.copySeconds) },
	];
	const most = needs.reduce((a, b) => (b.buckets > a.buckets ? b : a));
	const wanted = 2 ** Math.ceil(Math.log2(Math.max(1, most.buckets)));
	const beyond = wanted > MAX_BUCKETS ? `; ${wanted} would be needed, ${MAX_BUCKETS} is the most there may be` : "";
	return { buckets: Math.min(MAX_BUCKETS, wanted), because: (most.buckets <= 1 ? "one key range bears it" : `for ${most.for}`) + beyond };
}

const usd = (amount: number): string => `$${amount < 1 ? amount.toFixed(4) : amount.toFixed(2)}`;

import type { RegionId } from "#domain/geography/region-id.ts";
import type { BucketRef } from "#domain/partition/partition-id.ts";

/** One page of the buckets that a region's data table has rows of, each once in a walk, in the table's own order. */
export interface BucketPage {
	readonly buckets: readonly BucketRef[];
	/** Pass it as `after` to go on; absent at the end. */
	readonly next?: string;
}

/** Walks a region's data table by bucket, reading little of large ones. @throws UnavailableError; going on from the same place is safe */
export type BucketScanner = (region: RegionId, from: { readonly after?: string; readonly limit: number }) => Promise<BucketPage>;

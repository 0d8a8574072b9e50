import type { Fence } from "#domain/partition/fence.ts";
import type { BucketRef } from "#domain/partition/partition-id.ts";
import type { Page } from "#domain/ports/regional-store.ts";

/** A key that this region still owes the peers of its bucket's fence, and that its stream no longer holds for it. No content: who carries it reads it anew. */
export interface ParkedKey {
	readonly key: string;
	/** Another one each time the key is parked, so that a debt that came meanwhile is never released with an older one. */
	readonly mark: string;
}

/** A bucket that has, or lately had, parked keys. */
export interface ParkedBucket {
	readonly ref: BucketRef;
	/** Another one each time a key of the bucket is parked. */
	readonly mark: string;
}

/**
 * What one region's carrier could not bring to all peers, kept in the region's data table until it can. Every read is strongly consistent.
 * Every method throws `UnavailableError`; repeating it is safe.
 */
export interface ParkedKeys {
	/** The bucket's fence and whether any of its keys is parked, in one read that costs no more than the fence alone. */
	readFence(ref: BucketRef): Promise<{ readonly fence: Fence | undefined; readonly parked: boolean }>;
	/** Keeps the keys, together with the entry that `listBuckets` finds. Distinct keys of one bucket. */
	park(ref: BucketRef, keys: readonly string[]): Promise<void>;
	/** In no particular order. One read where nothing is parked. */
	listBuckets(range: { after?: string; limit: number }): Promise<{ readonly entries: readonly ParkedBucket[]; readonly next?: string }>;
	listKeys(ref: BucketRef, range: { after?: string; limit: number }): Promise<Page<ParkedKey>>;
	/** Forgets the key unless it has been parked anew. */
	release(ref: BucketRef, parked: ParkedKey): Promise<"released" | "newer">;
	/** Takes the bucket off the list unless a key of it has been parked since it was listed. Only for a bucket whose keys have all been released. */
	releaseBucket(bucket: ParkedBucket): Promise<"released" | "newer">;
}

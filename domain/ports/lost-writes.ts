import type { StoredItem } from "#domain/partition/item.ts";
import type { BucketRef } from "#domain/partition/partition-id.ts";
import type { Page } from "#domain/ports/regional-store.ts";

/** A write that a promotion has given up, with its content. Its expiry is that of being kept. */
export type LostWrite = StoredItem;

/**
 * Writes that a lost region had acknowledged and its partition's new leader lacks, kept in the region's data table beside the items, where
 * neither requests nor copies see them, until they expire. Every method: @throws UnavailableError; repeating it is safe.
 */
export interface LostWrites {
	/** Replaces what is kept of the same key. */
	keep(ref: BucketRef, write: LostWrite): Promise<void>;
	read(ref: BucketRef, key: string): Promise<LostWrite | undefined>;
	/** Takes it away, unless another version of it has been kept since. */
	forget(ref: BucketRef, write: Pick<LostWrite, "key" | "version">): Promise<void>;
	/** In byte order of keys. */
	list(ref: BucketRef, range: { after?: string; limit: number }): Promise<Page<LostWrite>>;
}

import type { MetadataChange } from "#domain/partition/metadata-change.ts";

/** A change with its place in the feed. */
export interface FeedEntry {
	/** 1, 2, 3, … without a gap. */
	readonly position: number;
	/** When it was written, in ms since the Unix epoch. */
	readonly atMs: number;
	readonly change: MetadataChange;
}

export type FeedPage =
	/** Ascending, without a gap from the position that was asked for; fewer than asked for at the end of the feed. */
	| { readonly kind: "page"; readonly entries: readonly FeedEntry[] }
	/** What follows the position is not kept any more: a reader begins again from a list of the partitions. */
	| { readonly kind: "gone" };

/**
 * What has happened to the metadata, in the control region. A change is told at least once, the changes of one partition in the order of
 * their versions; a reader keeps the highest version of each. Entries are kept for some days. Every method: @throws UnavailableError.
 */
export interface MetadataChanges {
	/** Appends all or nothing, in this order. After UnavailableError it may have happened. */
	append(changes: readonly Omit<FeedEntry, "position">[]): Promise<void>;
	/** At most `limit` entries that follow the position; 0 is the beginning. */
	read(range: { readonly after: number; readonly limit: number }): Promise<FeedPage>;
	/** The position of the last entry; 0 before the first. */
	head(): Promise<number>;
}

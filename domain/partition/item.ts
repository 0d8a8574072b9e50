import type { Version } from "#domain/partition/version.ts";

/** An item as a region stores it. A tombstone has `deleted` and no content; its version keeps growing. */
export interface StoredItem {
	/** 1..512 bytes of UTF-8. */
	readonly key: string;
	readonly version: Version;
	/** At most 256 KiB; empty for a tombstone. */
	readonly body: Uint8Array;
	readonly contentType: string;
	readonly deleted: boolean;
	/** Request id of the last write: an internal retry that finds its own id succeeded before. */
	readonly requestId: string;
	/** Milliseconds since the Unix epoch, clock of the region that accepted the write. */
	readonly writtenAtMs: number;
	/** Unix seconds after which a tombstone may vanish; absent for live items. */
	readonly expiresAt?: number;
}

/** A key written since copying or a hand-over began, with the version that has to be carried. */
export interface JournalEntry {
	readonly key: string;
	readonly version: Version;
}

/** What a client may ask of the item before a write applies (RFC 9110 section 13). */
export type Precondition =
	| { readonly kind: "none" }
	| { readonly kind: "if-match"; readonly etag: string }
	| { readonly kind: "if-none-match-any" };

/** A write as a data plane hands it to its regional store. */
export interface ItemWrite {
	readonly key: string;
	/** `undefined` deletes (writes a tombstone). */
	readonly content: { readonly body: Uint8Array; readonly contentType: string } | undefined;
	readonly precondition: Precondition;
	readonly requestId: string;
	readonly nowMs: number;
	/** Given where the write must not happen twice, however often it is asked for. */
	readonly once?: Once;
	/** No attempt is begun from then on: whoever asked has stopped waiting. Milliseconds since the Unix epoch. */
	readonly notAfterMs?: number;
}

/** Where the receipt of a write with an idempotency key lies, and what tells its request from others with the same key. */
export interface Once {
	/** The receipt's item key (`receiptKey`). */
	readonly key: string;
	/** The receipt's bucket, of the item's partition. */
	readonly bucket: number;
	readonly fingerprint: string;
}

/** What a write came to. */
export type SettledWrite =
	/** `created`: no live item was there before. A delete of a live item is `replaced`. */
	| { readonly kind: "written"; readonly created: boolean; readonly version: Version }
	/** A delete found no live item; nothing was written. */
	| { readonly kind: "not-found" }
	| { readonly kind: "precondition-failed"; readonly current: Version | undefined };

/** The outcome of a write at a leader. */
export type WriteOutcome =
	| SettledWrite
	/** The same request with the same idempotency key came to this before; nothing was written. */
	| { readonly kind: "repeated"; readonly outcome: SettledWrite }
	/** Another request has used this idempotency key; nothing was written. */
	| { readonly kind: "key-reused" }
	/** The fence no longer says what the writer believed; read it again. */
	| { readonly kind: "fence-changed" };

/** The outcome of bringing one key to another copy. */
export type CarryOutcome = "stored" | "already-newer" | "refused";

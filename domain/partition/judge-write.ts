import { parseTags, tagsInclude } from "#domain/partition/etag.ts";
import type { ItemWrite, Precondition, StoredItem, WriteOutcome } from "#domain/partition/item.ts";
import { TOMBSTONE_SECONDS } from "#domain/partition/settings.ts";
import type { Version } from "#domain/partition/version.ts";

/** What a leader does with a write, given what is stored. */
export type WriteVerdict =
	| { readonly kind: "put"; readonly item: StoredItem; readonly created: boolean }
	/** The same request wrote this item before: its answer was lost. */
	| { readonly kind: "already-written"; readonly version: Version }
	| Extract<WriteOutcome, { kind: "not-found" | "precondition-failed" | "fence-changed" }>;

/** Decides one write at a leader of `epoch`. A tombstone, expired or not, is no live item, but its version still counts. */
export function judgeWrite(stored: StoredItem | undefined, write: ItemWrite, epoch: number): WriteVerdict {
	if (stored?.requestId === write.requestId) return { kind: "already-written", version: stored.version };
	// A version of a later epoch: this writer is a zombie of an earlier one.
	if (stored !== undefined && stored.version.epoch > epoch) return { kind: "fence-changed" };
	const live = stored === undefined || stored.deleted ? undefined : stored.version;
	if (!meetsPrecondition(live, write.precondition)) return { kind: "precondition-failed", current: live };
	if (write.content === undefined && live === undefined) return { kind: "not-found" };
	return { kind: "put", item: nextItem(stored?.version, write, epoch), created: live === undefined };
}

/** Whether a write may apply to an item whose live version is `live` (RFC 9110 section 13.1). */
export function meetsPrecondition(live: Version | undefined, precondition: Precondition): boolean {
	if (precondition.kind === "none") return true;
	if (precondition.kind === "if-none-match-any") return live === undefined;
	return live !== undefined && tagsInclude(parseTags(precondition.etag), live);
}

/** The version after `previous`: n grows also across epochs, deletes and re-creation, so no version of a key ever repeats. */
export const nextVersion = (previous: Version | undefined, epoch: number, nowMs: number): Version => ({
	epoch,
	n: previous === undefined ? nowMs : previous.n + 1,
});

/** Unix seconds until which a tombstone written at `nowMs` is kept. */
export const tombstoneExpiry = (nowMs: number): number => Math.floor(nowMs / 1000) + TOMBSTONE_SECONDS;

function nextItem(previous: Version | undefined, write: ItemWrite, epoch: number): StoredItem {
	const common = {
		key: write.key,
		version: nextVersion(previous, epoch, write.nowMs),
		requestId: write.requestId,
		writtenAtMs: write.nowMs,
	};
	return write.content === undefined
		? { ...common, body: new Uint8Array(), contentType: "", deleted: true, expiresAt: tombstoneExpiry(write.nowMs) }
		: { ...common, ...write.content, deleted: false };
}

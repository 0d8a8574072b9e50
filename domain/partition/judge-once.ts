import type { ItemWrite, Once, SettledWrite, StoredItem, WriteOutcome } from "#domain/partition/item.ts";
import { judgeWrite, nextVersion } from "#domain/partition/judge-write.ts";
import { decodeReceipt, encodeReceipt, RECEIPT_SECONDS } from "#domain/partition/receipt.ts";

/** What a leader does with a write that bears an idempotency key, given what is stored under its item's key and its receipt's. */
export type OnceVerdict =
	/** Nothing is to be written. */
	| { readonly kind: "answer"; readonly outcome: WriteOutcome }
	/** The receipt is to be written, and the item where there is one, in one transaction that expects what was read. */
	| {
			readonly kind: "record";
			readonly outcome: SettledWrite;
			readonly receipt: StoredItem;
			readonly item: StoredItem | undefined;
	  };

/** Decides a write that must not happen twice. An expired receipt counts as none. */
export function judgeOnce(
	stored: { readonly item: StoredItem | undefined; readonly receipt: StoredItem | undefined },
	write: ItemWrite & { readonly once: Once },
	epoch: number,
): OnceVerdict {
	const { once } = write;
	const known = stored.receipt === undefined || expired(stored.receipt, write.nowMs) ? undefined : stored.receipt;
	if (known !== undefined) {
		const { fingerprint, outcome } = decodeReceipt(known);
		if (fingerprint !== once.fingerprint) return { kind: "answer", outcome: { kind: "key-reused" } };
		// An internal retry that finds its own receipt got this answer itself, and only lost it.
		return { kind: "answer", outcome: known.requestId === write.requestId ? outcome : { kind: "repeated", outcome } };
	}
	// A receipt of a later epoch, expired or not: this writer is a zombie of an earlier one.
	if (stored.receipt !== undefined && stored.receipt.version.epoch > epoch) return { kind: "answer", outcome: { kind: "fence-changed" } };
	const verdict = judgeWrite(stored.item, write, epoch);
	if (verdict.kind === "fence-changed") return { kind: "answer", outcome: verdict };
	const [outcome, item]: [SettledWrite, StoredItem | undefined] =
		verdict.kind === "put"
			? [{ kind: "written", created: verdict.created, version: verdict.item.version }, verdict.item]
			: verdict.kind === "already-written"
				? [{ kind: "written", created: false, version: verdict.version }, undefined]
				: [verdict, undefined];
	return { kind: "record", outcome, item, receipt: receiptItem(stored.receipt, write, epoch, outcome) };
}

const expired = ({ expiresAt }: StoredItem, nowMs: number): boolean => expiresAt !== undefined && expiresAt * 1000 <= nowMs;

const receiptItem = (
	previous: StoredItem | undefined,
	{ once, requestId, nowMs }: ItemWrite & { readonly once: Once },
	epoch: number,
	outcome: SettledWrite,
): StoredItem => ({
	key: once.key,
	version: nextVersion(previous?.version, epoch, nowMs),
	body: encodeReceipt({ fingerprint: once.fingerprint, outcome }),
	contentType: "",
	deleted: true,
	requestId,
	writtenAtMs: nowMs,
	expiresAt: Math.floor(nowMs / 1000) + RECEIPT_SECONDS,
});

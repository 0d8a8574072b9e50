import * as z from "zod";
import type { SettledWrite, StoredItem } from "#domain/partition/item.ts";
import { MAX_KEY_BYTES } from "#domain/partition/settings.ts";

/**
 * What a write with an idempotency key leaves behind: its outcome, under that key, for a day. A receipt is stored as an item that no client
 * can name and marked deleted, so whatever copies, carries, compares and removes items does the same to receipts.
 */
export interface Receipt {
	/** Of the request that got this outcome; another request with the same key has another one. */
	readonly fingerprint: string;
	readonly outcome: SettledWrite;
}

/** How long a receipt counts, in seconds. @see docs/adr/0301-receipts-of-idempotent-writes.md */
export const RECEIPT_SECONDS = 24 * 3600;

/** The greatest code point, of 4 bytes. */
const GREATEST = "\u{10FFFF}";

/** Longer than a client's key may be, and behind all of them in byte order. */
const PREFIX = GREATEST.repeat(MAX_KEY_BYTES / 4 + 1);

/** A key behind every receipt. */
export const BEHIND_RECEIPTS = GREATEST.repeat(MAX_KEY_BYTES / 4 + 2);

/** The item key of a receipt. @param name of a fixed length, a hash for example: it must not be what a client chose */
export const receiptKey = (name: string): string => PREFIX + name;

export const isReceiptKey = (key: string): boolean => key.startsWith(PREFIX);

const version = z.strictObject({ epoch: z.number(), n: z.number() });
const receiptSchema: z.ZodType<Receipt> = z.strictObject({
	fingerprint: z.string(),
	outcome: z.discriminatedUnion("kind", [
		z.strictObject({ kind: z.literal("written"), created: z.boolean(), version }),
		z.strictObject({ kind: z.literal("not-found") }),
		z.strictObject({ kind: z.literal("precondition-failed"), current: version.optional() }).transform((one) => ({
			...one,
			current: one.current,
		})),
	]),
});

export const encodeReceipt = (receipt: Receipt): Uint8Array => new TextEncoder().encode(JSON.stringify(receipt));

/** @throws ZodError when the item holds no receipt: a defect. */
export const decodeReceipt = ({ body }: Pick<StoredItem, "body">): Receipt =>
	receiptSchema.parse(JSON.parse(new TextDecoder().decode(body)));

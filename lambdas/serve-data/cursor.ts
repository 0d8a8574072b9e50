import { createHmac, timingSafeEqual } from "node:crypto";
import type { PartitionId } from "#domain/partition/partition-id.ts";

/** First byte of every cursor; another one is another format. */
const FORMAT = 1;
/** Of HMAC-SHA-256, in bytes: 128 bits cannot be guessed. */
const TAG_BYTES = 16;
/** The longest cursor in characters: format, a key of 512 bytes, the tag. */
const MAX_CHARS = Math.ceil(((1 + 512 + TAG_BYTES) * 4) / 3);

/** The list that a cursor goes on with. Epochs and regions are no part of it: it counts wherever the partition is by then. */
export interface CursorScope {
	readonly partition: PartitionId;
	readonly prefix: string;
}

/** The text of a cursor: where its page ended, and a tag that only this deployment can make for this list. */
export function sealCursor(secret: Uint8Array, scope: CursorScope, after: string): string {
	const position = Buffer.concat([Buffer.of(FORMAT), Buffer.from(after, "utf8")]);
	return Buffer.concat([position, tagOf(secret, scope, position)]).toString("base64url");
}

/** Where the page before ended; undefined for a text that was not given out for this list with one of the keys. */
export function openWith(secrets: readonly Uint8Array[], scope: CursorScope, cursor: string): string | undefined {
	for (const secret of secrets) {
		const after = openCursor(secret, scope, cursor);
		if (after !== undefined) return after;
	}
	return undefined;
}

function openCursor(secret: Uint8Array, scope: CursorScope, cursor: string): string | undefined {
	const bytes = cursor.length > MAX_CHARS ? Buffer.alloc(0) : Buffer.from(cursor, "base64url");
	const position = bytes.subarray(0, -TAG_BYTES);
	const tag = bytes.subarray(-TAG_BYTES);
	const genuine = position[0] === FORMAT && tag.length === TAG_BYTES && timingSafeEqual(tag, tagOf(secret, scope, position));
	// One text a cursor: what decodes to the same bytes from another text is refused as well.
	if (!genuine || bytes.toString("base64url") !== cursor) return undefined;
	return position.subarray(1).toString("utf8");
}

/** Lengths go in, so that no two lists have the same input. */
function tagOf(secret: Uint8Array, { partition, prefix }: CursorScope, position: Uint8Array): Buffer {
	const scope = JSON.stringify(["heliotrope.cursor", partition, prefix]);
	return createHmac("sha256", secret)
		.update(`${Buffer.byteLength(scope)}:${scope}`)
		.update(position)
		.digest()
		.subarray(0, TAG_BYTES);
}

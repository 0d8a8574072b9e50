import type { Precondition } from "#domain/partition/item.ts";
import { MAX_BODY_BYTES, MAX_KEY_BYTES } from "#domain/partition/settings.ts";
import { utf8Length } from "#domain/partition/utf8-order.ts";
import { ProblemError } from "#lambdas/serve-data/problem.ts";

const DEFAULT_CONTENT_TYPE = "application/octet-stream";
const MAX_CONTENT_TYPE_LENGTH = 256;

/** @throws ProblemError `request.invalid` when both are given, or `If-None-Match` is not `*`. */
export function parsePrecondition(ifMatch: string | undefined, ifNoneMatch: string | undefined): Precondition {
	if (ifMatch !== undefined && ifNoneMatch !== undefined)
		throw new ProblemError("request.invalid", "If-Match and If-None-Match exclude each other.");
	if (ifMatch !== undefined) return { kind: "if-match", etag: ifMatch };
	if (ifNoneMatch === undefined) return { kind: "none" };
	if (ifNoneMatch.trim() !== "*") throw new ProblemError("request.invalid", "A write takes If-None-Match: * only.");
	return { kind: "if-none-match-any" };
}

/** @throws ProblemError `item.key-invalid` */
export function checkKey(key: string): string {
	// A lone surrogate has no UTF-8 form and would be stored as another key.
	if (key === "" || !key.isWellFormed() || utf8Length(key) > MAX_KEY_BYTES) throw new ProblemError("item.key-invalid");
	return key;
}

/** @throws ProblemError `item.too-large` */
export function checkBody(body: Uint8Array): Uint8Array {
	if (body.byteLength > MAX_BODY_BYTES) throw new ProblemError("item.too-large", `The body has ${body.byteLength} bytes.`);
	return body;
}

/** Printable ASCII and spaces: a stored type goes back as a header, and a line end in it would begin another. */
const FIT_FOR_A_HEADER = /^[\x20-\x7e]*$/;

/** @throws ProblemError `request.invalid` when it is too long to be one, or could not be sent back. */
export function checkContentType(value: string | undefined): string {
	if (value !== undefined && !FIT_FOR_A_HEADER.test(value))
		throw new ProblemError("request.invalid", "Content-Type holds characters that are not printable ASCII.");
	if (value !== undefined && value.length > MAX_CONTENT_TYPE_LENGTH)
		throw new ProblemError("request.invalid", `Content-Type has more than ${MAX_CONTENT_TYPE_LENGTH} characters.`);
	return value === undefined || value === "" ? DEFAULT_CONTENT_TYPE : value;
}

/** A decimal whole number in a range; undefined for anything else. */
export function wholeNumber(text: string | null | undefined, min: number, max: number): number | undefined {
	if (text === null || text === undefined || !/^\d{1,15}$/.test(text)) return undefined;
	const value = Number(text);
	return value >= min && value <= max ? value : undefined;
}

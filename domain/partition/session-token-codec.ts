import { MAX_SEEN_KEYS, type SessionToken } from "#domain/partition/session-token.ts";
import type { Version } from "#domain/partition/version.ts";

/** The longest token in characters of base64url: 10 bytes, and for each of 60 keys 8 of hash and at most 8 + 8 of version. */
export const MAX_TOKEN_CHARS = Math.ceil(((10 + MAX_SEEN_KEYS * 24) * 8) / 6);

/** First byte of every token; another one is another format. */
const FORMAT = 1;
const OVERFLOWN = 1;

/** What a header value turned out to be. `reason` names what is wrong, without quoting it. */
export type DecodedToken =
	| { readonly kind: "token"; readonly token: SessionToken }
	| { readonly kind: "malformed"; readonly reason: string };

/**
 * Base64url of: format (1 byte), flags (1 byte, bit 0 overflown), partition hash (8 bytes), then for each key, ascending by hash, its hash
 * (8 bytes), epoch and n (LEB128). The same token always has the same text.
 */
export function encodeToken({ partition, overflown, seen }: SessionToken): string {
	const bytes = [FORMAT, overflown ? OVERFLOWN : 0, ...word(partition)];
	for (const [hash, { epoch, n }] of [...seen].sort(([a], [b]) => (a < b ? -1 : 1)))
		bytes.push(...word(hash), ...leb128(epoch), ...leb128(n));
	return Buffer.from(bytes).toString("base64url");
}

/** Reads a token that `encodeToken` has written; never throws. */
export function decodeToken(text: string): DecodedToken {
	if (text.length > MAX_TOKEN_CHARS) return malformed(`it is longer than ${MAX_TOKEN_CHARS} characters`);
	const bytes = Buffer.from(text, "base64url");
	if (bytes[0] !== FORMAT) return malformed("its format is unknown");
	const reader = { bytes, at: 2 };
	const partition = readWord(reader);
	if (partition === undefined) return malformed("it is cut off");
	const seen = readSeen(reader);
	if (seen === undefined) return malformed("it is cut off, or holds what no version is");
	const token: SessionToken = { partition, overflown: bytes[1] === OVERFLOWN, seen };
	if (seen.size > MAX_SEEN_KEYS || (token.overflown && seen.size > 0)) return malformed("it holds more keys than it may");
	// Every other fault (order, padding, unknown flags, foreign characters) shows here: what was given out reads back as it was written.
	return encodeToken(token) === text ? { kind: "token", token } : malformed("it was not given out by this service");
}

const malformed = (reason: string): DecodedToken => ({ kind: "malformed", reason });

interface Reader {
	readonly bytes: Uint8Array;
	at: number;
}

function readSeen(reader: Reader): Map<bigint, Version> | undefined {
	const seen = new Map<bigint, Version>();
	while (reader.at < reader.bytes.length) {
		const hash = readWord(reader);
		const epoch = readLeb128(reader);
		const n = readLeb128(reader);
		if (hash === undefined || epoch === undefined || n === undefined) return undefined;
		seen.set(hash, { epoch, n });
	}
	return seen;
}

/** 64 bits, most significant byte first. */
const word = (value: bigint): number[] => Array.from({ length: 8 }, (_, i) => Number((value >> BigInt(56 - 8 * i)) & 0xffn));

function readWord(reader: Reader): bigint | undefined {
	const bytes = reader.bytes.subarray(reader.at, reader.at + 8);
	reader.at += 8;
	return bytes.length < 8 ? undefined : bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

/** Seven bits a byte, least significant first, the high bit on all but the last; at most 8 bytes, which hold every safe integer. */
function leb128(value: number): number[] {
	const bytes: number[] = [];
	let rest = value;
	for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
	return [...bytes, rest];
}

function readLeb128(reader: Reader): number | undefined {
	let value = 0;
	for (let place = 1, i = 0; i < 8; place *= 0x80, i++) {
		const byte = reader.bytes[reader.at++];
		if (byte === undefined) return undefined;
		value += (byte & 0x7f) * place;
		if (byte < 0x80) return Number.isSafeInteger(value) ? value : undefined;
	}
	return undefined;
}

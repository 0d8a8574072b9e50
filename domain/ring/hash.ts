/**
 * FNV-1a, 64 bits: offset basis and prime of the reference (the prime is 2^40 + 0x1b3).
 * @see https://datatracker.ietf.org/doc/html/draft-eastlake-fnv section 5
 */
const OFFSET_HIGH = 0xcbf29ce4;
const OFFSET_LOW = 0x84222325;
const PRIME_LOW = 0x1b3;

/** Multipliers of MurmurHash3's 64-bit finalizer. @see https://github.com/aappleby/smhasher (MurmurHash3.cpp, fmix64) */
const MIX_1 = 0xff51afd7ed558ccdn;
const MIX_2 = 0xc4ceb9fe1a85ec53n;

const MASK_64 = 0xffff_ffff_ffff_ffffn;
const WORD = 2 ** 32;
const utf8 = new TextEncoder();

/** FNV-1a of the text's UTF-8 bytes, 0..2^64-1. Close inputs give close high bits: use `hash64` to spread. */
export function fnv1a64(text: string): bigint {
	let high = OFFSET_HIGH;
	let low = OFFSET_LOW;
	for (const byte of utf8.encode(text)) {
		low = (low ^ byte) >>> 0;
		// h * (2^40 + 0x1b3) modulo 2^64, in two words, because BigInt in this loop is some twenty times slower
		const product = low * PRIME_LOW;
		high = (Math.imul(high, PRIME_LOW) + Math.floor(product / WORD) + (low << 8)) >>> 0;
		low = product >>> 0;
	}
	return (BigInt(high) << 32n) | BigInt(low);
}

/** MurmurHash3's finalizer: a bijection of 64 bits in which every input bit changes about half of the output bits. */
export function mix64(value: bigint): bigint {
	let mixed = value & MASK_64;
	mixed = ((mixed ^ (mixed >> 33n)) * MIX_1) & MASK_64;
	mixed = ((mixed ^ (mixed >> 33n)) * MIX_2) & MASK_64;
	return mixed ^ (mixed >> 33n);
}

/** A well-spread 64-bit hash of the text's UTF-8 bytes, equal on every machine and in every release; not cryptographic. */
export const hash64 = (text: string): bigint => mix64(fnv1a64(text));

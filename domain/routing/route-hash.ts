/** Three 32-bit words of a text, in place: as many as tell a million texts from each other, beyond any doubt that matters. */
export interface RouteHash {
	a: number;
	b: number;
	c: number;
}

/** Odd multipliers of no structure, one a lane. @see https://en.wikipedia.org/wiki/Golden_ratio_base (the first), xxHash32 primes 2 and 3 */
const MULTIPLIER_A = 0x9e3779b1;
const MULTIPLIER_B = 0x85ebca77;
const MULTIPLIER_C = 0xc2b2ae3d;

/**
 * Hashes a text of ASCII characters into `into`, without allocating. Seeded, so that nobody outside can choose texts that collide; not
 * cryptographic, and different in every instance: for memory only.
 */
export function hashRoute(text: string, seed: number, into: RouteHash): void {
	let a = seed | 0;
	let b = ~seed | 0;
	let c = (seed << 13) ^ (seed >>> 7) ^ text.length;
	for (let index = 0; index < text.length; index += 1) {
		const code = text.charCodeAt(index);
		a = Math.imul(a ^ code, MULTIPLIER_A);
		a ^= a >>> 15;
		b = Math.imul(b ^ code, MULTIPLIER_B);
		b ^= b >>> 13;
		c = Math.imul(c ^ code, MULTIPLIER_C);
		c ^= c >>> 16;
	}
	into.a = finish(a ^ (c >>> 5));
	into.b = finish(b ^ a);
	into.c = finish(c ^ b);
}

/** MurmurHash3's 32-bit finalizer, as an unsigned number. @see https://github.com/aappleby/smhasher (MurmurHash3.cpp, fmix32) */
function finish(word: number): number {
	let mixed = word ^ (word >>> 16);
	mixed = Math.imul(mixed, 0x85ebca6b);
	mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
	return (mixed ^ (mixed >>> 16)) >>> 0;
}

import { hash64 } from "#domain/ring/hash.ts";

/** The linear congruential step and the range of jump consistent hashing. @see https://arxiv.org/abs/1406.2294 (Lamping and Veach, figure 1) */
const STEP = 2862933555777941757n;
const RANGE = 2 ** 31;
const MASK_64 = 0xffff_ffff_ffff_ffffn;

/**
 * The bucket of a key, 0..buckets-1, by jump consistent hashing: growing from n to m buckets moves (m-n)/m of the keys, all of them
 * into the new buckets, so doubling moves half of each bucket's items and nothing else.
 *
 * @throws RangeError when `buckets` is not a whole number from 1 on
 */
export function bucketOf(key: string, buckets: number): number {
	if (!Number.isSafeInteger(buckets) || buckets < 1) throw new RangeError(`bucket count must be a whole number from 1 on, not ${buckets}`);
	if (buckets === 1) return 0;
	let state = hash64(key);
	let bucket = 0;
	let next = 0;
	while (next < buckets) {
		bucket = next;
		state = (state * STEP + 1n) & MASK_64;
		next = Math.floor((bucket + 1) * (RANGE / (Number(state >> 33n) + 1)));
	}
	return bucket;
}

const MANTISSA_BITS = 53n;

/**
 * Where a client stands in [0, 1): uniform over clients, the same for the same client and salt. A client is in a canary of weight w
 * when its share is below w, so clients only ever join while a canary climbs. Another salt draws another order.
 */
export const clientShare = (client: string, salt: string): number =>
	Number(hash64(`${salt}\u0000${client}`) >> (64n - MANTISSA_BITS)) / 2 ** Number(MANTISSA_BITS);

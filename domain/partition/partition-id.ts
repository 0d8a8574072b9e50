import type { Brand } from "#domain/shared/brand.ts";

/** The application's name of the unit that moves: 1..128 of `A-Z a-z 0-9 . _ ~ : -`. */
export type PartitionId = Brand<string, "PartitionId">;

const MAX_CHARS = 128;
/** By character code; of short texts a look at each character is faster than a regular expression. */
const IN_NAME = Uint8Array.from({ length: 128 }, (_, code) => (/[A-Za-z0-9._~:-]/.test(String.fromCharCode(code)) ? 1 : 0));

export function isPartitionId(value: string): value is PartitionId {
	if (value.length === 0 || value.length > MAX_CHARS) return false;
	for (let at = 0; at < value.length; at += 1) {
		if (IN_NAME[value.charCodeAt(at)] !== 1) return false;
	}
	return true;
}

/** @throws TypeError when `value` has another character or length than the data API allows. */
export function partitionId(value: string): PartitionId {
	if (!isPartitionId(value)) {
		throw new TypeError(`not a partition: ${JSON.stringify(value.slice(0, 140))}, expected 1 to 128 of A-Z a-z 0-9 . _ ~ : -`);
	}
	return value;
}

/** One hash slice of a partition's items: the unit of copying, fencing and verification. */
export interface BucketRef {
	readonly partition: PartitionId;
	/** 0-based, below the partition's bucket count. */
	readonly bucket: number;
}

/** All buckets of a partition, in order. */
export const bucketsOf = (partition: PartitionId, count: number): readonly BucketRef[] =>
	Array.from({ length: count }, (_, bucket) => ({ partition, bucket }));

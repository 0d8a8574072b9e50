import type { Brand } from "#domain/shared/brand.ts";

/** The application's name of the unit that moves: 1..128 of `A-Z a-z 0-9 . _ ~ : -`. */
export type PartitionId = Brand<string, "PartitionId">;

const PARTITION_NAME = /^[A-Za-z0-9._~:-]{1,128}$/;

export const isPartitionId = (value: string): value is PartitionId => PARTITION_NAME.test(value);

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

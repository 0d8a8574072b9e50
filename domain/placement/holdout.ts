import type { PartitionId } from "#domain/partition/partition-id.ts";
import { hash64 } from "#domain/ring/hash.ts";

const SALT = "holdout\u0000";
const RESOLUTION = 1_000_000;

/**
 * Whether a partition belongs to the permanent holdout group, which placement never moves for a saving: what the others gain is measured against
 * it. A partition that is in the group at a share is in it at every larger share, whenever and wherever it is asked.
 *
 * @param share of all partitions, 0..1
 */
export const isHeldOut = (partition: PartitionId, share: number): boolean =>
	Number(hash64(SALT + partition) % BigInt(RESOLUTION)) < share * RESOLUTION;

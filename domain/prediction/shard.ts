import type { PartitionId } from "#domain/partition/partition-id.ts";
import { SHARDS } from "#domain/prediction/settings.ts";
import { hash64 } from "#domain/ring/hash.ts";

/** The shard, 0..SHARDS-1, in which a partition is counted and forecast. */
export const shardOf = (partition: PartitionId): number => Number(hash64(partition) % BigInt(SHARDS));

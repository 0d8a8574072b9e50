/** Heliotrope for an application's own Lambda functions: `import { partitionGuard } from "heliotrope/guard"`. */

export type { StoreOperation, StoreOutcome } from "#guard/batch.ts";
export { dataApi } from "#guard/data-api.ts";
export { type GuardedContext, type GuardOptions, partitionGuard, Stale } from "#guard/partition-guard.ts";
export type { DeleteOutcome, Item, ItemPage, PartitionStore, PutOptions, PutOutcome } from "#guard/partition-store.ts";
export { PartitionError } from "#guard/partition-store.ts";

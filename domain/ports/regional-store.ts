import type { RegionId } from "#domain/geography/region-id.ts";
import type { Fence, FenceChange } from "#domain/partition/fence.ts";
import type { CarryOutcome, ItemWrite, JournalEntry, StoredItem, WriteOutcome } from "#domain/partition/item.ts";
import type { BucketRef, PartitionId } from "#domain/partition/partition-id.ts";
import type { Version } from "#domain/partition/version.ts";

/** What a steady writer believes: valid only while `clock.nowMs() < validUntilMs` (fence read start + guardTtl). */
export interface SteadyLease {
	readonly epoch: number;
	readonly validUntilMs: number;
}

/** A key and the version that it has to have. */
export type HeldVersion = Pick<StoredItem, "key" | "version">;

export interface Page<T> {
	/** Ascending by UTF-8 bytes of the key. */
	readonly entries: readonly T[];
	/** Pass as `after` to go on; absent at the end. */
	readonly next?: string;
}

/** What a put on a copy needs the copy's fence to say: joining or follower, at this epoch and, for a migration, this id. */
export interface CarryGuard {
	readonly epoch: number;
	readonly migrationId?: string;
}

/**
 * The data table of one region. Every read is strongly consistent. Every method throws `UnavailableError` when the region
 * cannot be reached or throttles beyond the SDK's retries; the outcome of a write is then unknown.
 */
export interface RegionalStore {
	readonly region: RegionId;

	readFence(ref: BucketRef): Promise<Fence | undefined>;
	/** All buckets in one transaction of reads, in bucket order. */
	readFences(partition: PartitionId, buckets: number): Promise<readonly (Fence | undefined)[]>;
	/** Applies all changes in one transaction, or none: `refused` when any expectation does not hold. */
	changeFences(partition: PartitionId, changes: readonly FenceChange[]): Promise<"applied" | "refused">;

	readItem(ref: BucketRef, key: string): Promise<StoredItem | undefined>;
	/** Items and tombstones of one bucket; without `prefix` receipts as well, which lie behind them (partition/receipt.ts). */
	listItems(ref: BucketRef, range: { after?: string; prefix?: string; limit: number }): Promise<Page<StoredItem>>;

	/**
	 * One conditional write; with `once`, item and receipt in one transaction. `fence-changed` when the lease has run out before an attempt is sent.
	 *
	 * @throws DeadlineError when `notAfterMs` has come before the first attempt
	 */
	writeSteady(ref: BucketRef, write: ItemWrite, lease: SteadyLease): Promise<WriteOutcome>;
	/** Fence seq + item + journal in one transaction, with `once` the receipt as well, if the fence says leader, guarded, at `epoch`. */
	writeGuarded(ref: BucketRef, write: ItemWrite, epoch: number): Promise<WriteOutcome>;

	/** Puts the item if it is newer than what is here and the fence passes `guard`. Never lands on a leader. */
	carry(ref: BucketRef, item: StoredItem, guard: CarryGuard): Promise<CarryOutcome>;
	/** The same for many items: `refused` when the fence does not pass `guard`; some may have been put before it changed. */
	carryItems(ref: BucketRef, items: readonly StoredItem[], guard: CarryGuard): Promise<"carried" | "refused">;
	listJournal(ref: BucketRef, range: { after?: string; limit: number }): Promise<Page<JournalEntry>>;
	/** Removes the entry only if it still holds `version`. */
	removeJournalEntry(ref: BucketRef, key: string, version: Version): Promise<"removed" | "newer" | "absent">;
	/** Deletes an item or tombstone for good, only while the fence says removing at this epoch and migration, and the item still has `version`. */
	deleteItem(ref: BucketRef, key: string, version: Version, guard: Required<CarryGuard>): Promise<"deleted" | "refused" | "newer">;
	/** The same for many, each under its own conditions; at the first that is not met some may be gone. */
	deleteItems(ref: BucketRef, held: readonly HeldVersion[], guard: Required<CarryGuard>): Promise<"deleted" | "refused" | "newer">;
}

/** The stores of all regions of the deployment. @throws when `region` is not deployed. */
export type RegionalStores = (region: RegionId) => RegionalStore;

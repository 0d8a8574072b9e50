import type { RegionId } from "#domain/geography/region-id.ts";
import type { Fence, FenceChange } from "#domain/partition/fence.ts";
import type { CarryOutcome, ItemWrite, JournalEntry, StoredItem, WriteOutcome } from "#domain/partition/item.ts";
import type { BucketRef, PartitionId } from "#domain/partition/partition-id.ts";
import type { Version } from "#domain/partition/version.ts";
import type { Clock } from "#domain/ports/clock.ts";
import type { CarryGuard, HeldVersion, Page, RegionalStore, SteadyLease } from "#domain/ports/regional-store.ts";
import { DeadlineError } from "#domain/shared/errors.ts";
import type { Caller } from "#simulation/world/caller.ts";

/** What an observer is told of, in the moment it takes effect. */
export interface StoreWatch {
	readonly fencesChanged: (region: RegionId, partition: PartitionId, changes: readonly FenceChange[]) => void;
	readonly deleted: (region: RegionId, ref: BucketRef, held: readonly HeldVersion[]) => void;
}

export interface RemoteStoreParts {
	/** The region's table. */
	readonly table: RegionalStore;
	/** Who calls, at the moment of a call. */
	readonly current: { readonly caller: Caller };
	readonly clock: Clock;
	/** Entries a page or a transaction holds at most. */
	readonly pageSize: number;
	readonly watch: StoreWatch;
}

/** A region's store as one process reaches it: over the network, in pages and transactions of limited size. */
export class RemoteStore implements RegionalStore {
	readonly region: RegionId;
	readonly #parts: RemoteStoreParts;

	constructor(parts: RemoteStoreParts) {
		this.region = parts.table.region;
		this.#parts = parts;
	}

	readFence(ref: BucketRef): Promise<Fence | undefined> {
		return this.#read("readFence", (table) => table.readFence(ref));
	}

	readFences(partition: PartitionId, buckets: number): Promise<readonly (Fence | undefined)[]> {
		return this.#read("readFences", (table) => table.readFences(partition, buckets));
	}

	changeFences(partition: PartitionId, changes: readonly FenceChange[]): Promise<"applied" | "refused"> {
		return this.#write("changeFences", async (table) => {
			const outcome = await table.changeFences(partition, changes);
			if (outcome === "applied") this.#parts.watch.fencesChanged(this.region, partition, changes);
			return outcome;
		});
	}

	readItem(ref: BucketRef, key: string): Promise<StoredItem | undefined> {
		return this.#read("readItem", (table) => table.readItem(ref, key));
	}

	listItems(ref: BucketRef, range: { after?: string; prefix?: string; limit: number }): Promise<Page<StoredItem>> {
		const limit = Math.min(range.limit, this.#parts.pageSize);
		return this.#read("listItems", (table) => table.listItems(ref, { ...range, limit }));
	}

	/** The lease is looked at before the attempt is sent; it may arrive much later. */
	async writeSteady(ref: BucketRef, write: ItemWrite, lease: SteadyLease): Promise<WriteOutcome> {
		if (this.#parts.clock.nowMs() >= lease.validUntilMs) return { kind: "fence-changed" };
		const sent = this.#sent(write);
		return this.#write("writeSteady", (table) => table.writeSteady(ref, sent, { ...lease, validUntilMs: Number.POSITIVE_INFINITY }));
	}

	async writeGuarded(ref: BucketRef, write: ItemWrite, epoch: number): Promise<WriteOutcome> {
		const sent = this.#sent(write);
		return this.#write("writeGuarded", (table) => table.writeGuarded(ref, sent, epoch));
	}

	/** The time of a write is looked at before it is sent, as its lease is. */
	#sent({ notAfterMs, ...write }: ItemWrite): ItemWrite {
		if (notAfterMs !== undefined && this.#parts.clock.nowMs() >= notAfterMs) throw new DeadlineError();
		return write;
	}

	carry(ref: BucketRef, item: StoredItem, guard: CarryGuard): Promise<CarryOutcome> {
		return this.#write("carry", (table) => table.carry(ref, item, guard));
	}

	async carryItems(ref: BucketRef, items: readonly StoredItem[], guard: CarryGuard): Promise<"carried" | "refused"> {
		for (const part of this.#transactions(items)) {
			if ((await this.#write("carryItems", (table) => table.carryItems(ref, part, guard))) === "refused") return "refused";
		}
		return "carried";
	}

	listJournal(ref: BucketRef, range: { after?: string; limit: number }): Promise<Page<JournalEntry>> {
		const limit = Math.min(range.limit, this.#parts.pageSize);
		return this.#read("listJournal", (table) => table.listJournal(ref, { ...range, limit }));
	}

	removeJournalEntry(ref: BucketRef, key: string, version: Version): Promise<"removed" | "newer" | "absent"> {
		return this.#write("removeJournalEntry", (table) => table.removeJournalEntry(ref, key, version));
	}

	deleteItem(ref: BucketRef, key: string, version: Version, guard: Required<CarryGuard>): Promise<"deleted" | "refused" | "newer"> {
		return this.deleteItems(ref, [{ key, version }], guard);
	}

	async deleteItems(ref: BucketRef, held: readonly HeldVersion[], guard: Required<CarryGuard>): Promise<"deleted" | "refused" | "newer"> {
		for (const part of this.#transactions(held)) {
			const outcome = await this.#write("deleteItems", async (table) => {
				const deleted = await table.deleteItems(ref, part, guard);
				if (deleted === "deleted") this.#parts.watch.deleted(this.region, ref, part);
				return deleted;
			});
			if (outcome !== "deleted") return outcome;
		}
		return "deleted";
	}

	#transactions<T>(all: readonly T[]): readonly (readonly T[])[] {
		const { pageSize } = this.#parts;
		return Array.from({ length: Math.ceil(all.length / pageSize) }, (_, i) => all.slice(i * pageSize, (i + 1) * pageSize));
	}

	#read<T>(operation: string, work: (table: RegionalStore) => Promise<T>): Promise<T> {
		const { current, table } = this.#parts;
		return current.caller.call(this.region, operation, false, () => work(table));
	}

	#write<T>(operation: string, work: (table: RegionalStore) => Promise<T>): Promise<T> {
		const { current, table } = this.#parts;
		return current.caller.call(this.region, operation, true, () => work(table));
	}
}

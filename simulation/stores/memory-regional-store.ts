import assert from "node:assert/strict";
import type { RegionId } from "#domain/geography/region-id.ts";
import type { Fence, FenceChange } from "#domain/partition/fence.ts";
import { FenceRole, WriteMode } from "#domain/partition/fence.ts";
import { admitsCarry, fenceExpired, meetsExpectation } from "#domain/partition/fence-rules.ts";
import type { CarryOutcome, ItemWrite, JournalEntry, StoredItem, WriteOutcome } from "#domain/partition/item.ts";
import { judgeWrite } from "#domain/partition/judge-write.ts";
import type { BucketRef, PartitionId } from "#domain/partition/partition-id.ts";
import { compareUtf8 } from "#domain/partition/utf8-order.ts";
import { compareVersions, type Version } from "#domain/partition/version.ts";
import type { Clock } from "#domain/ports/clock.ts";
import type { CarryGuard, HeldVersion, Page, RegionalStore, SteadyLease } from "#domain/ports/regional-store.ts";

/** One bucket of a region. `created` remembers whether the last write made a live item, for an internal retry's answer. */
export interface MemoryBucket {
	fence: Fence | undefined;
	readonly items: Map<string, StoredItem & { readonly created?: boolean }>;
	readonly journal: Map<string, JournalEntry>;
}

/** Called around every operation, which is itself atomic. May delay or throw, as a slow or lost network does. */
export interface MemoryStoreHooks {
	readonly before?: (operation: keyof RegionalStore, region: RegionId) => Promise<void> | void;
	readonly after?: (operation: keyof RegionalStore, region: RegionId) => Promise<void> | void;
	/** Told of every item in the moment it is put: what the table's stream brings. */
	readonly put?: (ref: BucketRef, item: StoredItem, by: "write" | "carry") => void;
	/** Told of every list of items that has come to the end of its bucket. */
	readonly listed?: (ref: BucketRef) => void;
}

/** The data table of one region in memory: deterministic, each operation atomic, the same outcomes as on DynamoDB (contract suite). */
export class MemoryRegionalStore implements RegionalStore {
	readonly region: RegionId;
	/** By `<partition>#<bucket>`; open to simulations, which look for invariants here. */
	readonly buckets = new Map<string, MemoryBucket>();
	readonly #clock: Clock;
	readonly #hooks: MemoryStoreHooks;

	constructor(region: RegionId, clock: Clock, hooks: MemoryStoreHooks = {}) {
		this.region = region;
		this.#clock = clock;
		this.#hooks = hooks;
	}

	readFence(ref: BucketRef): Promise<Fence | undefined> {
		return this.#run("readFence", () => this.#fence(ref));
	}

	readFences(partition: PartitionId, buckets: number): Promise<readonly (Fence | undefined)[]> {
		return this.#run("readFences", () => Array.from({ length: buckets }, (_, bucket) => this.#fence({ partition, bucket })));
	}

	changeFences(partition: PartitionId, changes: readonly FenceChange[]): Promise<"applied" | "refused"> {
		assert.equal(new Set(changes.map((change) => change.bucket)).size, changes.length, "one change a bucket");
		return this.#run("changeFences", () => {
			const holds = changes.every(({ bucket, expect }) => meetsExpectation(this.#fence({ partition, bucket }), expect));
			if (!holds) return "refused";
			for (const { bucket, next } of changes) {
				const slot = this.#bucket({ partition, bucket });
				slot.fence = next === "delete" ? undefined : { ...next, seq: next.seq ?? slot.fence?.seq ?? 0 };
			}
			return "applied";
		});
	}

	readItem(ref: BucketRef, key: string): Promise<StoredItem | undefined> {
		return this.#run("readItem", () => {
			const item = this.#bucket(ref).items.get(key);
			return item === undefined ? undefined : plain(item);
		});
	}

	listItems(ref: BucketRef, range: { after?: string; prefix?: string; limit: number }): Promise<Page<StoredItem>> {
		return this.#run("listItems", () => {
			const page = pageOf([...this.#bucket(ref).items.values()].map(plain), range);
			if (page.next === undefined) this.#hooks.listed?.(ref);
			return page;
		});
	}

	writeSteady(ref: BucketRef, write: ItemWrite, lease: SteadyLease): Promise<WriteOutcome> {
		return this.#run("writeSteady", () =>
			this.#clock.nowMs() < lease.validUntilMs ? this.#write(ref, write, lease.epoch) : { kind: "fence-changed" },
		);
	}

	writeGuarded(ref: BucketRef, write: ItemWrite, epoch: number): Promise<WriteOutcome> {
		return this.#run("writeGuarded", () => {
			const bucket = this.#bucket(ref);
			const fence = this.#fence(ref);
			const own = bucket.items.get(write.key)?.requestId === write.requestId;
			const leads = meetsExpectation(fence, { role: FenceRole.Leader, mode: WriteMode.Guarded, epoch });
			if (!own && (fence === undefined || !leads)) return { kind: "fence-changed" };
			const outcome = this.#write(ref, write, epoch);
			if (outcome.kind === "written" && fence !== undefined && !own) {
				bucket.fence = { ...fence, seq: fence.seq + 1 };
				bucket.journal.set(write.key, { key: write.key, version: outcome.version });
			}
			return outcome;
		});
	}

	carry(ref: BucketRef, item: StoredItem, guard: CarryGuard): Promise<CarryOutcome> {
		return this.#run("carry", () => this.#carry(ref, item, guard));
	}

	carryItems(ref: BucketRef, items: readonly StoredItem[], guard: CarryGuard): Promise<"carried" | "refused"> {
		return this.#run("carryItems", () => {
			const outcomes = items.map((item) => this.#carry(ref, item, guard));
			return outcomes.includes("refused") ? "refused" : "carried";
		});
	}

	listJournal(ref: BucketRef, range: { after?: string; limit: number }): Promise<Page<JournalEntry>> {
		return this.#run("listJournal", () => pageOf([...this.#bucket(ref).journal.values()], range));
	}

	removeJournalEntry(ref: BucketRef, key: string, version: Version): Promise<"removed" | "newer" | "absent"> {
		return this.#run("removeJournalEntry", () => {
			const { journal } = this.#bucket(ref);
			const entry = journal.get(key);
			if (entry === undefined) return "absent";
			if (compareVersions(entry.version, version) !== 0) return "newer";
			journal.delete(key);
			return "removed";
		});
	}

	deleteItem(ref: BucketRef, key: string, version: Version, guard: Required<CarryGuard>): Promise<"deleted" | "refused" | "newer"> {
		return this.#run("deleteItem", () => this.#delete(ref, { key, version }, guard));
	}

	deleteItems(ref: BucketRef, held: readonly HeldVersion[], guard: Required<CarryGuard>): Promise<"deleted" | "refused" | "newer"> {
		return this.#run("deleteItems", () => {
			for (const one of held) {
				const outcome = this.#delete(ref, one, guard);
				if (outcome !== "deleted") return outcome;
			}
			return "deleted";
		});
	}

	/** Puts an item whatever is there: for planted bugs only. */
	overwrite(ref: BucketRef, item: StoredItem): void {
		this.#bucket(ref).items.set(item.key, item);
		this.#hooks.put?.(ref, item, "carry");
	}

	#carry(ref: BucketRef, item: StoredItem, guard: CarryGuard): CarryOutcome {
		if (!admitsCarry(this.#fence(ref), guard)) return "refused";
		const { items } = this.#bucket(ref);
		const stored = items.get(item.key);
		if (stored !== undefined && compareVersions(stored.version, item.version) >= 0) return "already-newer";
		items.set(item.key, { ...item, body: item.body.slice() });
		this.#hooks.put?.(ref, item, "carry");
		return "stored";
	}

	#delete(ref: BucketRef, { key, version }: HeldVersion, guard: Required<CarryGuard>): "deleted" | "refused" | "newer" {
		if (!meetsExpectation(this.#fence(ref), { role: FenceRole.Removing, ...guard })) return "refused";
		const { items } = this.#bucket(ref);
		const stored = items.get(key);
		if (stored !== undefined && compareVersions(stored.version, version) !== 0) return "newer";
		items.delete(key);
		return "deleted";
	}

	#write(ref: BucketRef, write: ItemWrite, epoch: number): WriteOutcome {
		const { items } = this.#bucket(ref);
		const stored = items.get(write.key);
		const verdict = judgeWrite(stored, write, epoch);
		if (verdict.kind === "already-written") return { kind: "written", created: stored?.created ?? false, version: verdict.version };
		if (verdict.kind !== "put") return verdict;
		const { item, created } = verdict;
		items.set(write.key, { ...item, body: item.body.slice(), created });
		this.#hooks.put?.(ref, item, "write");
		return { kind: "written", created, version: item.version };
	}

	#fence(ref: BucketRef): Fence | undefined {
		const fence = this.#bucket(ref).fence;
		return fence === undefined || fenceExpired(fence, this.#clock.nowMs()) ? undefined : fence;
	}

	#bucket({ partition, bucket }: BucketRef): MemoryBucket {
		const id = `${partition}#${bucket}`;
		const found = this.buckets.get(id) ?? { fence: undefined, items: new Map(), journal: new Map() };
		this.buckets.set(id, found);
		return found;
	}

	async #run<T>(operation: keyof RegionalStore, work: () => T): Promise<T> {
		const { before, after } = this.#hooks;
		if (before !== undefined) await before(operation, this.region);
		const result = work();
		if (after !== undefined) await after(operation, this.region);
		return result;
	}
}

function plain({ created: _, ...item }: StoredItem & { readonly created?: boolean }): StoredItem {
	return { ...item, body: item.body.slice() };
}

function pageOf<T extends { readonly key: string }>(all: readonly T[], range: { after?: string; prefix?: string; limit: number }): Page<T> {
	const { after, prefix = "", limit } = range;
	const entries = all
		.filter(({ key }) => key.startsWith(prefix) && (after === undefined || compareUtf8(key, after) > 0))
		.sort((a, b) => compareUtf8(a.key, b.key));
	const page = entries.slice(0, limit);
	const last = page.at(-1);
	return entries.length > limit && last !== undefined ? { entries: page, next: last.key } : { entries: page };
}

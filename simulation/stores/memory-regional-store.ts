import assert from "node:assert/strict";
import type { RegionId } from "#domain/geography/region-id.ts";
import type { Fence, FenceChange } from "#domain/partition/fence.ts";
import { FenceRole, WriteMode } from "#domain/partition/fence.ts";
import { admitsCarry, fenceExpired, meetsExpectation } from "#domain/partition/fence-rules.ts";
import type { CarryOutcome, ItemWrite, JournalEntry, Once, StoredItem, WriteOutcome } from "#domain/partition/item.ts";
import { judgeOnce } from "#domain/partition/judge-once.ts";
import { judgeWrite } from "#domain/partition/judge-write.ts";
import type { BucketRef, PartitionId } from "#domain/partition/partition-id.ts";
import { isReceiptKey } from "#domain/partition/receipt.ts";
import { compareUtf8 } from "#domain/partition/utf8-order.ts";
import { compareVersions, type Version } from "#domain/partition/version.ts";
import type { Clock } from "#domain/ports/clock.ts";
import type { CarryGuard, HeldVersion, Page, RegionalStore, SteadyLease } from "#domain/ports/regional-store.ts";
import { DeadlineError } from "#domain/shared/errors.ts";

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

/** Told of what a write has put, the receipt of an idempotency key included. */
type Put = (ref: BucketRef, item: StoredItem) => void;

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
			const leads = meetsExpectation(fence, { role: FenceRole.Leader, mode: WriteMode.Guarded, epoch });
			if (fence === undefined || !leads) return this.#known(ref, write, epoch) ?? { kind: "fence-changed" };
			const raised = { ...fence, seq: fence.seq + 1 };
			return this.#write(ref, write, epoch, (where, { key, version }) => {
				this.#bucket(where).journal.set(key, { key, version });
				bucket.fence = raised;
			});
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

	#write(ref: BucketRef, write: ItemWrite, epoch: number, alsoPut: Put = () => undefined): WriteOutcome {
		if (write.notAfterMs !== undefined && this.#clock.nowMs() >= write.notAfterMs) throw new DeadlineError();
		const { once } = write;
		if (once !== undefined) return this.#writeOnce(ref, { ...write, once }, epoch, alsoPut);
		const stored = this.#bucket(ref).items.get(write.key);
		const verdict = judgeWrite(stored, write, epoch);
		if (verdict.kind === "already-written") return { kind: "written", created: stored?.created ?? false, version: verdict.version };
		if (verdict.kind !== "put") return verdict;
		this.#put(ref, verdict.item, verdict.created);
		alsoPut(ref, verdict.item);
		return { kind: "written", created: verdict.created, version: verdict.item.version };
	}

	/** What came of this very write before: a fact, whoever leads by now. */
	#known(ref: BucketRef, write: ItemWrite, epoch: number): WriteOutcome | undefined {
		const { once } = write;
		const item = this.#bucket(ref).items.get(write.key);
		if (once === undefined) return item?.requestId === write.requestId ? this.#write(ref, write, epoch) : undefined;
		const receipt = this.#bucket({ ...ref, bucket: once.bucket }).items.get(once.key);
		const verdict = judgeOnce({ item, receipt }, { ...write, once }, epoch);
		return verdict.kind === "answer" ? verdict.outcome : undefined;
	}

	#writeOnce(ref: BucketRef, write: ItemWrite & { readonly once: Once }, epoch: number, alsoPut: Put): WriteOutcome {
		const receiptRef = { partition: ref.partition, bucket: write.once.bucket };
		const item = this.#bucket(ref).items.get(write.key);
		const verdict = judgeOnce({ item, receipt: this.#bucket(receiptRef).items.get(write.once.key) }, write, epoch);
		if (verdict.kind === "answer") return verdict.outcome;
		const { outcome, receipt } = verdict;
		const puts: (readonly [BucketRef, StoredItem])[] = verdict.item === undefined ? [] : [[ref, verdict.item]];
		for (const [where, put] of [...puts, [receiptRef, receipt] as const]) {
			this.#put(where, put, put !== receipt && outcome.kind === "written" && outcome.created);
			alsoPut(where, put);
		}
		return outcome;
	}

	#put(ref: BucketRef, item: StoredItem, created: boolean): void {
		this.#bucket(ref).items.set(item.key, { ...item, body: item.body.slice(), created });
		this.#hooks.put?.(ref, item, "write");
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
	const { after, prefix, limit } = range;
	const entries = all
		.filter(
			({ key }) =>
				(prefix === undefined || (key.startsWith(prefix) && !isReceiptKey(key))) && (after === undefined || compareUtf8(key, after) > 0),
		)
		.sort((a, b) => compareUtf8(a.key, b.key));
	const page = entries.slice(0, limit);
	const last = page.at(-1);
	return entries.length > limit && last !== undefined ? { entries: page, next: last.key } : { entries: page };
}

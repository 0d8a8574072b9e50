import type { RegionId } from "#domain/geography/region-id.ts";
import { regionId } from "#domain/geography/region-id.ts";
import { MIGRATION_SETTINGS } from "#domain/migration/settings.ts";
import type { StageDeps } from "#domain/migration/stage-context.ts";
import { carryKeys } from "#domain/partition/carry-keys.ts";
import { type FenceChange, FenceRole, WriteMode } from "#domain/partition/fence.ts";
import type { StoredItem } from "#domain/partition/item.ts";
import { type BucketRef, bucketsOf, partitionId } from "#domain/partition/partition-id.ts";
import { Phase } from "#domain/partition/record.ts";
import type { RegionalStores } from "#domain/ports/regional-store.ts";
import { MemoryMigrationStore } from "#simulation/stores/memory-migration-store.ts";
import { MemoryRegionalStore } from "#simulation/stores/memory-regional-store.ts";
import { MemoryMetadata } from "#test/__helpers__/memory-metadata-store.ts";
import { Scheduler } from "./scheduler.ts";

export const [A, B, C] = ["eu-west-1", "us-east-1", "ap-northeast-1"].map(regionId) as [RegionId, RegionId, RegionId];
export const P = partitionId("acme:documents");
export const BUCKETS = 2;
export const EPOCH = 3;

const WRITES = new Set([
	"changeFences",
	"writeSteady",
	"writeGuarded",
	"carry",
	"carryItems",
	"removeJournalEntry",
	"deleteItem",
	"deleteItems",
	"create",
	"replace",
	"update",
	"noteCopy",
]);

/** Called around every operation of one actor; throws where the actor fails. */
export type Hook = (when: "before" | "after", operation: string, isWrite: boolean) => Promise<void> | void;

/** Three regions, one partition led by A, and whatever has to hold about them. */
export class MigrationWorld {
	readonly scheduler: Scheduler;
	readonly clock;
	readonly metadata = new MemoryMetadata();
	readonly migrations = new MemoryMigrationStore();
	/** Leaders by bucket and epoch: more than one region is a violation. */
	readonly leaders = new Map<string, RegionId>();
	/** Stream records not yet carried. */
	readonly owed: { readonly region: RegionId; readonly ref: BucketRef; readonly key: string }[] = [];
	readonly #stores: ReadonlyMap<RegionId, MemoryRegionalStore>;
	readonly #metadataStore = this.metadata.store();

	constructor(seed: number) {
		this.scheduler = new Scheduler(seed);
		this.clock = this.scheduler.clock;
		this.#stores = new Map([A, B, C].map((region) => [region, this.#watched(new MemoryRegionalStore(region, this.clock))]));
	}

	/** Without anybody else's turn: for checks and for single operations that are atomic anyway. */
	store(region: RegionId): MemoryRegionalStore {
		const store = this.#stores.get(region);
		if (store === undefined) throw new Error(`no region ${region}`);
		return store;
	}

	/** The regions as one actor sees them. */
	stores(hook: Hook): RegionalStores {
		return (region) => hooked(this.store(region), hook);
	}

	/** What an executor of stages works with. */
	deps(hook: Hook): StageDeps {
		return {
			stores: this.stores(hook),
			metadata: hooked(this.#metadataStore, hook),
			migrations: hooked(this.migrations as StageDeps["migrations"], hook),
			clock: { nowMs: () => this.clock.nowMs(), sleep: (ms) => this.scheduler.sleep(ms) },
			regions: [A, B, C],
			settings: MIGRATION_SETTINGS,
		};
	}

	/** A leads at `EPOCH`, steady, with followers that have everything. */
	async settle(followers: readonly RegionId[], keys: readonly string[]): Promise<void> {
		const nowMs = this.clock.nowMs();
		for (const region of [A, ...followers]) {
			const role = region === A ? FenceRole.Leader : FenceRole.Follower;
			const peers = region === A ? followers : [];
			const next = { role, epoch: EPOCH, mode: WriteMode.Steady, peers, leader: A, buckets: BUCKETS };
			const changes = bucketsOf(P, BUCKETS).map(({ bucket }): FenceChange => ({ bucket, expect: "absent", next }));
			await this.store(region).changeFences(P, changes);
		}
		const record = { partition: P, leader: A, followers: [...followers], epoch: EPOCH, phase: Phase.Active, buckets: BUCKETS, version: 1 };
		await this.#metadataStore.create({ ...record, createdAtMs: nowMs, updatedAtMs: nowMs, leaderSinceMs: nowMs });
		for (const [i, key] of keys.entries()) {
			const write = { key, content: { body: new TextEncoder().encode(key), contentType: "text/plain" }, requestId: `seed${i}`, nowMs };
			const lease = { epoch: EPOCH, validUntilMs: Number.POSITIVE_INFINITY };
			await this.store(A).writeSteady(this.refOf(key), { ...write, precondition: { kind: "none" } }, lease);
		}
		await this.drainStreams();
	}

	/** Buckets by a key's first character, so that tests know them. */
	refOf(key: string): BucketRef {
		return { partition: P, bucket: key.charCodeAt(0) % BUCKETS };
	}

	/** Delivers one stream record, chosen at random; what stays owed comes again. */
	async deliverOne(hook: Hook): Promise<void> {
		const [record] = this.owed.splice(this.scheduler.below(this.owed.length), 1);
		if (record === undefined) return;
		const { region, ref, key } = record;
		const left = await carryKeys({ stores: this.stores(hook), region }, { ref, keys: [key] });
		if (left.length > 0) this.owed.push(record);
	}

	async drainStreams(): Promise<void> {
		for (let i = 0; i < 1000 && this.owed.length > 0; i++) await this.deliverOne(() => {});
		if (this.owed.length > 0) throw new Error(`${this.owed.length} stream records stay owed for ever`);
	}

	items(region: RegionId): StoredItem[] {
		return [...this.store(region).buckets.values()].flatMap(({ items }) => [...items.values()]);
	}

	#watched(store: MemoryRegionalStore): MemoryRegionalStore {
		return new Proxy(store, {
			get: (target, name: keyof MemoryRegionalStore) => {
				const member = target[name];
				if (typeof member !== "function") return member;
				return async (...args: unknown[]) => {
					const result = await (member as (...args: unknown[]) => Promise<unknown>).apply(target, args);
					this.#watch(target.region, name, args, result);
					return result;
				};
			},
		});
	}

	#watch(region: RegionId, operation: string, args: readonly unknown[], result: unknown): void {
		if (operation === "changeFences" && result === "applied") {
			for (const { bucket, next } of args[1] as readonly FenceChange[]) {
				if (next !== "delete" && next.role === FenceRole.Leader) this.#led(region, bucket, next.epoch);
			}
		}
		if (operation === "writeSteady" || operation === "writeGuarded") {
			const [ref, { key }] = args as [BucketRef, { key: string }];
			if ((result as { kind: string }).kind === "written") this.owed.push({ region, ref, key });
		}
	}

	#led(region: RegionId, bucket: number, epoch: number): void {
		const id = `${bucket}/${epoch}`;
		const known = this.leaders.get(id) ?? region;
		if (known !== region) throw new Error(`${known} and ${region} both led bucket ${bucket} at epoch ${epoch}`);
		this.leaders.set(id, region);
	}
}

function hooked<T extends object>(target: T, hook: Hook): T {
	return new Proxy(target, {
		get: (inner, name) => {
			const member: unknown = Reflect.get(inner, name, inner);
			if (typeof member !== "function" || typeof name !== "string") return member;
			return async (...args: unknown[]) => {
				await hook("before", name, WRITES.has(name));
				const result: unknown = await (member as (...args: unknown[]) => Promise<unknown>).apply(inner, args);
				await hook("after", name, WRITES.has(name));
				return result;
			};
		},
	});
}

import type { PartitionId } from "#domain/partition/partition-id.ts";
import { type PartitionRecord, Phase } from "#domain/partition/record.ts";

export interface RouteCacheSettings {
	/** For partitions that are not moving. 1 s..5 min: a longer one costs more forwards after a move, a shorter one more reads. @default 30,000 */
	readonly activeTtlMs: number;
	/** For partitions that are moving: what a canary step may lag behind. @default 1,000 */
	readonly movingTtlMs: number;
	/** For partitions without a record. @default 1,000 */
	readonly absentTtlMs: number;
	/** Records held; the one used longest ago goes first. About 500 bytes each. @default 10,000 */
	readonly capacity: number;
}

export const ROUTE_CACHE_DEFAULTS: RouteCacheSettings = { activeTtlMs: 30_000, movingTtlMs: 1000, absentTtlMs: 1000, capacity: 10_000 };

export interface CachedRoute {
	/** Undefined: the metadata table had no record. */
	readonly record: PartitionRecord | undefined;
	readonly fresh: boolean;
}

interface Entry {
	readonly record: PartitionRecord | undefined;
	readonly untilMs: number;
}

/** Records lately read, bounded; stale ones are kept, for they still serve when the metadata table cannot be reached. */
export class RouteCache {
	readonly #entries = new Map<PartitionId, Entry>();
	readonly #settings: RouteCacheSettings;

	constructor(settings: RouteCacheSettings = ROUTE_CACHE_DEFAULTS) {
		this.#settings = settings;
	}

	get(partition: PartitionId, nowMs: number): CachedRoute | undefined {
		const entry = this.#entries.get(partition);
		if (entry === undefined) return undefined;
		this.#entries.delete(partition);
		this.#entries.set(partition, entry);
		return { record: entry.record, fresh: nowMs < entry.untilMs };
	}

	put(partition: PartitionId, record: PartitionRecord | undefined, nowMs: number): void {
		this.#entries.delete(partition);
		this.#entries.set(partition, { record, untilMs: nowMs + this.#ttlMs(record) });
		const [oldest] = this.#entries.keys();
		if (this.#entries.size > this.#settings.capacity && oldest !== undefined) this.#entries.delete(oldest);
	}

	#ttlMs(record: PartitionRecord | undefined): number {
		if (record === undefined) return this.#settings.absentTtlMs;
		return record.phase === Phase.Active ? this.#settings.activeTtlMs : this.#settings.movingTtlMs;
	}
}

import type { RegionId } from "#domain/geography/region-id.ts";
import type { PartitionId } from "#domain/partition/partition-id.ts";
import type { KnownRoute, RouteCanary, TaughtRoute } from "#domain/routing/known-route.ts";
import { hashRoute, type RouteHash } from "#domain/routing/route-hash.ts";
import { RouteTable, Word } from "#domain/routing/route-table.ts";

export interface RouteCacheSettings {
	/** For partitions that are not moving. 1 s..5 min: a longer one costs more forwards after a move, a shorter one more reads. @default 30,000 */
	readonly activeTtlMs: number;
	/** For partitions that are moving: what a canary step may lag behind. @default 1,000 */
	readonly movingTtlMs: number;
	/** For partitions without a record. @default 1,000 */
	readonly absentTtlMs: number;
	/** How long after its time to live a route may serve while it is read again. Of a moving partition: its time to live once more. @default 300,000 */
	readonly staleMs: number;
	/** What the table of routes may take. At most 64 bytes a route: a million fit into the default. @default 64,000,000 */
	readonly maxBytes: number;
	/** Partitions whose canary is remembered, some 300 bytes each beyond `maxBytes`; one forgotten is read again. @default 1,000 */
	readonly maxCanaries: number;
}

export const ROUTE_CACHE_DEFAULTS: RouteCacheSettings = {
	activeTtlMs: 30_000,
	movingTtlMs: 1000,
	absentTtlMs: 1000,
	staleMs: 300_000,
	maxBytes: 64_000_000,
	maxCanaries: 1000,
};

/** How far a cached route may be relied on. */
export const Freshness = {
	Fresh: "fresh",
	/** May serve, but has to be read again meanwhile. */
	Stale: "stale",
	/** Serves only where nothing newer can be had. */
	Expired: "expired",
} as const;
export type Freshness = (typeof Freshness)[keyof typeof Freshness];

export interface CachedRoute {
	/** `absent`: the metadata table had no record. */
	readonly route: KnownRoute | "absent";
	readonly freshness: Freshness;
}

/** Bits of a slot beside those of the table. */
const Flag = { Absent: 4, Moving: 8, Residency: 16, Canary: 32 } as const;
/** Parts of the table that grow and evict by themselves, so that growing never stops a request for long. A power of two. */
const SEGMENTS = 16;
const MOST_FOLLOWERS = 5;
const MOST_REGIONS = 64;
const MOST_EPOCH = 2 ** 32 - 1;
const NO_REGION = 255;

/**
 * Routes lately read or learned, in typed arrays. A partition is known by 96 bits of seeded hash, its name is not kept: where two names
 * shared them (one chance in 10^17 among a million), one would go where the other lives, and that region would send it on.
 */
export class RouteCache {
	readonly #settings: RouteCacheSettings;
	readonly #segments: readonly RouteTable[];
	readonly #seed: number;
	readonly #hash: RouteHash = { a: 0, b: 0, c: 0 };
	readonly #regions: RegionId[] = [];
	readonly #canaries = new Map<PartitionId, RouteCanary>();

	/** @param seed any 32-bit number that viewers do not know */
	constructor(seed: number, settings: Partial<RouteCacheSettings> = {}) {
		this.#seed = seed;
		this.#settings = { ...ROUTE_CACHE_DEFAULTS, ...settings };
		this.#segments = Array.from({ length: SEGMENTS }, () => new RouteTable(this.#settings.maxBytes / SEGMENTS));
	}

	/** Routes held. */
	get size(): number {
		return this.#segments.reduce((sum, { used }) => sum + used, 0);
	}

	/** What the table takes. */
	get byteLength(): number {
		return this.#segments.reduce((sum, { byteLength }) => sum + byteLength, 0);
	}

	get(partition: PartitionId, nowMs: number): CachedRoute | undefined {
		const table = this.#segmentOf(partition);
		const slot = table.find(this.#hash);
		if (slot < 0) return undefined;
		const flags = table.flags(slot);
		const freshness = this.#freshness(flags, nowMs - table.time(slot));
		if ((flags & Flag.Absent) !== 0) return { route: "absent", freshness };
		const canary = (flags & Flag.Canary) === 0 ? undefined : this.#canaries.get(partition);
		const forgotten = (flags & Flag.Canary) !== 0 && canary === undefined;
		return { route: this.#decode(table, slot, flags, canary), freshness: forgotten ? Freshness.Expired : freshness };
	}

	/** Keeps what the metadata table said, unless an answer has taught a later epoch; then that is only held to be old soon. */
	put(partition: PartitionId, route: KnownRoute | "absent", nowMs: number): void {
		const { absentTtlMs, activeTtlMs, movingTtlMs } = this.#settings;
		const table = this.#segmentOf(partition);
		const found = table.find(this.#hash);
		const held = found < 0 || (table.flags(found) & Flag.Absent) !== 0 ? 0 : table.word(found, Word.Epoch);
		if (held > (route === "absent" ? 0 : route.epoch)) {
			table.setTime(found, nowMs + movingTtlMs);
		} else if (route === "absent") {
			const slot = table.take(this.#hash);
			table.setFlags(slot, Flag.Absent);
			table.setTime(slot, nowMs + absentTtlMs);
		} else if (this.#fits(route)) {
			const slot = table.take(this.#hash);
			this.#encode(table, slot, partition, route);
			table.setTime(slot, nowMs + (route.moving ? movingTtlMs : activeTtlMs));
		}
	}

	/** Takes over a later epoch than the one held; a residency rule that is known stays. */
	learn(partition: PartitionId, taught: TaughtRoute, nowMs: number): void {
		const held = this.get(partition, nowMs)?.route;
		const known = held === undefined || held === "absent" ? undefined : held;
		if (known !== undefined && known.epoch >= taught.epoch) return;
		const { residency } = known ?? {};
		const { leader, followers, epoch } = taught;
		this.put(
			partition,
			{ leader, followers, epoch, moving: true, buckets: known?.buckets, ...(residency !== undefined && { residency }) },
			nowMs,
		);
	}

	#segmentOf(partition: PartitionId): RouteTable {
		hashRoute(partition, this.#seed, this.#hash);
		return this.#segments[this.#hash.c & (SEGMENTS - 1)] as RouteTable;
	}

	#freshness(flags: number, overMs: number): Freshness {
		if (overMs < 0) return Freshness.Fresh;
		const { staleMs, movingTtlMs } = this.#settings;
		const mayMs = (flags & Flag.Absent) !== 0 ? 0 : (flags & Flag.Moving) !== 0 ? Math.min(staleMs, movingTtlMs) : staleMs;
		return overMs < mayMs ? Freshness.Stale : Freshness.Expired;
	}

	/** A route that the slots have no room for is never kept, and so read for each request. No deployment of today has one. */
	#fits({ leader, followers, epoch, residency = [], canary }: KnownRoute): boolean {
		if (followers.length > MOST_FOLLOWERS || epoch > MOST_EPOCH) return false;
		const regions = [leader, ...followers, ...residency, ...(canary === undefined ? [] : [canary.target])];
		return regions.every((region) => this.#indexOf(region) < MOST_REGIONS);
	}

	#indexOf(region: RegionId): number {
		const index = this.#regions.indexOf(region);
		return index >= 0 ? index : this.#regions.push(region) - 1;
	}

	/** Word `Regions`: leader and followers 1 to 3; word `More`: followers 4 and 5, buckets (0 unknown); a byte each. */
	#encode(table: RouteTable, slot: number, partition: PartitionId, route: KnownRoute): void {
		const { leader, followers, epoch, buckets = 0, residency, moving, canary } = route;
		const at = (index: number): number => (followers[index] === undefined ? NO_REGION : this.#indexOf(followers[index] as RegionId));
		table.setWord(slot, Word.Epoch, epoch);
		table.setWord(slot, Word.Regions, this.#indexOf(leader) | (at(0) << 8) | (at(1) << 16) | (at(2) << 24));
		table.setWord(slot, Word.More, at(3) | (at(4) << 8) | (buckets << 16));
		const masks = [0, 0] as [number, number];
		for (const region of residency ?? []) {
			const index = this.#indexOf(region);
			masks[index >> 5] = (masks[index >> 5] as number) | (1 << (index & 31));
		}
		table.setWord(slot, Word.ResidencyLow, masks[0]);
		table.setWord(slot, Word.ResidencyHigh, masks[1]);
		table.setFlags(
			slot,
			(moving ? Flag.Moving : 0) | (residency === undefined ? 0 : Flag.Residency) | (canary === undefined ? 0 : Flag.Canary),
		);
		this.#keepCanary(partition, canary);
	}

	#decode(table: RouteTable, slot: number, flags: number, canary: RouteCanary | undefined): KnownRoute {
		const regions = table.word(slot, Word.Regions);
		const more = table.word(slot, Word.More);
		const buckets = (more >>> 16) & 0xff;
		const route: { -readonly [K in keyof KnownRoute]: KnownRoute[K] } = {
			leader: this.#regions[regions & 0xff] as RegionId,
			followers: this.#followersOf(regions, more),
			epoch: table.word(slot, Word.Epoch),
			moving: (flags & Flag.Moving) !== 0,
			buckets: buckets === 0 ? undefined : buckets,
		};
		if ((flags & Flag.Residency) !== 0) {
			const masks = [table.word(slot, Word.ResidencyLow), table.word(slot, Word.ResidencyHigh)];
			route.residency = this.#regions.filter((_, index) => (((masks[index >> 5] ?? 0) >>> (index & 31)) & 1) === 1);
		}
		if (canary !== undefined) route.canary = canary;
		return route;
	}

	#followersOf(regions: number, more: number): readonly RegionId[] {
		const first = (regions >>> 8) & 0xff;
		if (first === NO_REGION) return NONE;
		const indices = [first, (regions >>> 16) & 0xff, regions >>> 24, more & 0xff, (more >>> 8) & 0xff];
		return indices.filter((index) => index !== NO_REGION).map((index) => this.#regions[index] as RegionId);
	}

	#keepCanary(partition: PartitionId, canary: RouteCanary | undefined): void {
		if (canary === undefined) {
			if (this.#canaries.size > 0) this.#canaries.delete(partition);
			return;
		}
		this.#canaries.delete(partition);
		this.#canaries.set(partition, canary);
		const [oldest] = this.#canaries.keys();
		if (this.#canaries.size > this.#settings.maxCanaries && oldest !== undefined) this.#canaries.delete(oldest);
	}
}

const NONE: readonly RegionId[] = [];

import type { RegionId } from "#domain/geography/region-id.ts";
import { type Fence, FenceRole, WriteMode } from "#domain/partition/fence.ts";
import type { BucketRef, PartitionId } from "#domain/partition/partition-id.ts";
import { bucketsOf } from "#domain/partition/partition-id.ts";
import { GUARD_TTL_MS } from "#domain/partition/settings.ts";
import type { Clock } from "#domain/ports/clock.ts";
import type { RegionalStore } from "#domain/ports/regional-store.ts";

/** A fence with the time until which a steady leader may act on it: start of its read + guardTtl. */
export interface SeenFence {
	readonly fence: Fence | undefined;
	readonly validUntilMs: number;
}

/** Entries a sandbox keeps; the oldest go first. */
const MAX_ENTRIES = 10_000;

/**
 * The fences a sandbox knows. Kept only where this region leads: steady ones until their lease ends; guarded ones without end, because
 * every guarded operation checks the fence again in the store, at the epoch seen here.
 */
export class FenceBook {
	readonly #store: RegionalStore;
	readonly #clock: Clock;
	readonly #seen = new Map<string, SeenFence>();

	constructor(store: RegionalStore, clock: Clock) {
		this.#store = store;
		this.#clock = clock;
	}

	get region(): RegionId {
		return this.#store.region;
	}

	async one(ref: BucketRef): Promise<SeenFence> {
		const kept = this.#kept(ref);
		if (kept !== undefined) return kept;
		const validUntilMs = this.#clock.nowMs() + GUARD_TTL_MS;
		return this.#keep(ref, { fence: await this.#store.readFence(ref), validUntilMs });
	}

	/** The fences of all buckets, from the book only if it knows all of them. */
	async all(partition: PartitionId, buckets: number): Promise<readonly SeenFence[]> {
		const refs = bucketsOf(partition, buckets);
		const kept = refs.flatMap((ref) => this.#kept(ref) ?? []);
		if (kept.length === buckets) return kept;
		const validUntilMs = this.#clock.nowMs() + GUARD_TTL_MS;
		const fences = await this.#store.readFences(partition, buckets);
		return refs.map((ref, index) => this.#keep(ref, { fence: fences[index], validUntilMs }));
	}

	/** Forgets buckets whose fence turned out to say something else. */
	forget(refs: readonly BucketRef[]): void {
		for (const ref of refs) this.#seen.delete(idOf(ref));
	}

	#kept(ref: BucketRef): SeenFence | undefined {
		const seen = this.#seen.get(idOf(ref));
		const steady = seen?.fence?.mode === WriteMode.Steady;
		return seen !== undefined && steady && this.#clock.nowMs() >= seen.validUntilMs ? undefined : seen;
	}

	#keep(ref: BucketRef, seen: SeenFence): SeenFence {
		this.#seen.delete(idOf(ref));
		if (seen.fence?.role !== FenceRole.Leader) return seen;
		this.#seen.set(idOf(ref), seen);
		const [oldest] = this.#seen.keys();
		if (this.#seen.size > MAX_ENTRIES && oldest !== undefined) this.#seen.delete(oldest);
		return seen;
	}
}

const idOf = ({ partition, bucket }: BucketRef): string => `${partition}#${bucket}`;

import type { PartitionId } from "#domain/partition/partition-id.ts";
import type { Clock } from "#domain/ports/clock.ts";
import type { Knowledge } from "#domain/routing/decide-route.ts";
import type { KnownRoute, TaughtRoute } from "#domain/routing/known-route.ts";
import { Freshness, type RouteCache } from "#domain/routing/route-cache.ts";
import { OperatingError } from "#domain/shared/errors.ts";

export interface RouteBookParts {
	readonly cache: RouteCache;
	/** One read of the nearest copy that answers. @throws Error when none does */
	readonly read: (partition: PartitionId) => Promise<KnownRoute | undefined>;
	readonly clock: Pick<Clock, "nowMs">;
	/** Runs what no answer waits for. */
	readonly background: (work: () => Promise<void>) => void;
	/** Called when a read has failed. @param cached whether an older route serves instead */
	readonly onUnavailable: (error: unknown, cached: boolean) => void;
}

/**
 * In ms. After a failed read no request waits for another one this long: a table that is away must not make everybody wait. A table that
 * has answered what nobody can read is not away.
 */
const PAUSE_MS = 1000;

/** What is known of partitions: from the cache, from one read however many ask at once, and from what answers teach. */
export class RouteBook {
	readonly #parts: RouteBookParts;
	readonly #reads = new Map<PartitionId, Promise<Knowledge>>();
	#pausedUntilMs = Number.NEGATIVE_INFINITY;

	constructor(parts: RouteBookParts) {
		this.#parts = parts;
	}

	/** At once where the cache may serve; a stale route is read again behind the answer. Never rejects. */
	lookUp(partition: PartitionId): Knowledge | Promise<Knowledge> {
		const { cache, clock, background } = this.#parts;
		const nowMs = clock.nowMs();
		const cached = cache.get(partition, nowMs);
		if (cached?.freshness === Freshness.Fresh) return cached.route;
		const paused = nowMs < this.#pausedUntilMs;
		if (cached?.freshness === Freshness.Stale || (cached !== undefined && paused)) {
			if (!paused && !this.#reads.has(partition)) background(async () => void (await this.#read(partition)));
			return cached.route;
		}
		return paused ? "unread" : this.#read(partition);
	}

	learn(partition: PartitionId, taught: TaughtRoute): void {
		this.#parts.cache.learn(partition, taught, this.#parts.clock.nowMs());
	}

	#read(partition: PartitionId): Promise<Knowledge> {
		const underWay = this.#reads.get(partition);
		if (underWay !== undefined) return underWay;
		const read = this.#readOnce(partition).finally(() => this.#reads.delete(partition));
		this.#reads.set(partition, read);
		return read;
	}

	async #readOnce(partition: PartitionId): Promise<Knowledge> {
		const { cache, clock, read, onUnavailable } = this.#parts;
		let known: Knowledge = "unread";
		try {
			known = (await read(partition)) ?? "absent";
			this.#pausedUntilMs = Number.NEGATIVE_INFINITY;
			cache.put(partition, known, clock.nowMs());
		} catch (error) {
			if (mayBeAway(error)) this.#pausedUntilMs = clock.nowMs() + PAUSE_MS;
			onUnavailable(error, cache.get(partition, clock.nowMs()) !== undefined);
		}
		// what an answer has taught meanwhile may be newer than what was read; what the cache has no room for serves this once
		return cache.get(partition, clock.nowMs())?.route ?? known;
	}
}

const mayBeAway = (error: unknown): boolean => !(error instanceof OperatingError) || error.retryable;

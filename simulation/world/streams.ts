import type { RegionId } from "#domain/geography/region-id.ts";
import { carryToPeers } from "#domain/partition/carry-keys.ts";
import type { BucketRef } from "#domain/partition/partition-id.ts";
import type { FeedReports } from "#domain/ports/feed-reports.ts";
import type { RegionalStores } from "#domain/ports/regional-store.ts";
import { createReportFeed, type ReportFeed } from "#lambdas/carry-stream/report-feed.ts";
import type { Draws } from "#simulation/draws.ts";
import type { Surroundings } from "#simulation/world/surroundings.ts";

export interface StreamParts {
	readonly world: Surroundings;
	/** The regions as the stream's consumer in one of them reaches them. */
	readonly stores: (from: RegionId) => RegionalStores;
	/** Where consumers report how far copies have come. */
	readonly feeds: (region: RegionId) => FeedReports;
	/** Draws of one shard, whatever others draw. */
	readonly drawsOf: (shard: string) => Draws;
	readonly spawn: (work: () => Promise<void>) => void;
}

/** The order of records holds per bucket. */
interface Shard {
	readonly region: RegionId;
	readonly ref: BucketRef;
	readonly draws: Draws;
	readonly keys: { readonly key: string; readonly atMs: number }[];
	busy: boolean;
}

const BATCH = 10;
const USUAL_DELAY_MS = { low: 20, high: 400 };
const LATE_MS = 300_000;
/** Waits after a batch that left something owed: doubled each time, up to this. */
const MAX_BACK_OFF_MS = 30_000;

/** The tables' streams and what consumes them: a record comes at least once, in order per bucket, and as late as it likes. */
export class Streams {
	readonly #parts: StreamParts;
	readonly #report: ReportFeed;
	readonly #shards = new Map<string, Shard>();

	constructor(parts: StreamParts) {
		this.#parts = parts;
		this.#report = createReportFeed(parts.feeds);
	}

	/** Records that have not been carried yet. */
	get owed(): number {
		return [...this.#shards.values()].reduce((sum, { keys }) => sum + keys.length, 0);
	}

	append(region: RegionId, ref: BucketRef, key: string): void {
		const id = `${region} ${ref.bucket}`;
		const shard = this.#shards.get(id) ?? { region, ref, draws: this.#parts.drawsOf(id), keys: [], busy: false };
		this.#shards.set(id, shard);
		shard.keys.push({ key, atMs: Math.floor(this.#parts.world.time.nowMs / 1000) * 1000 });
		if (shard.busy) return;
		shard.busy = true;
		this.#parts.spawn(() => this.#consume(shard));
	}

	async #consume(shard: Shard): Promise<void> {
		const { world, stores } = this.#parts;
		const { draws } = shard;
		let failures = 0;
		while (shard.keys.length > 0) {
			await world.time.sleep(this.#delayMs(draws));
			const batch = shard.keys.slice(0, BATCH);
			const keys = [...new Set(batch.map(({ key }) => key))];
			const carried = await carryToPeers({ stores: stores(shard.region), region: shard.region }, { ref: shard.ref, keys });
			const { owed } = carried;
			if (owed.length > 0) {
				// What comes before the first that is owed is done; the rest comes again.
				shard.keys.splice(
					0,
					Math.max(
						0,
						batch.findIndex(({ key }) => key === owed[0]),
					),
				);
				failures += 1;
				await world.time.sleep(Math.min(MAX_BACK_OFF_MS, 500 * 2 ** failures));
			} else if (draws.next() < world.rates.streamDuplicates) {
				world.faults.count("stream-duplicate");
			} else {
				await this.#report(shard.ref, carried, batch.at(-1)?.atMs);
				shard.keys.splice(0, batch.length);
				failures = 0;
			}
		}
		shard.busy = false;
	}

	#delayMs(draws: Draws): number {
		const { world } = this.#parts;
		const [luck, share] = [draws.next(), draws.next()];
		const usual = draws.between(USUAL_DELAY_MS.low, USUAL_DELAY_MS.high);
		if (luck >= world.rates.streamDelays) return usual;
		world.faults.count("stream-delay");
		return share * LATE_MS;
	}
}

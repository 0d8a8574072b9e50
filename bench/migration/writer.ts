import assert from "node:assert";
import type { PutItem } from "#bench/migration/data-planes.ts";
import type { MigrationWorld } from "#bench/migration/world.ts";
import type { RegionId } from "#domain/geography/region-id.ts";
import type { PartitionId } from "#domain/partition/partition-id.ts";

/** Between an answer and the next write: leaves the machine time for the other writers, and bounds how exactly a pause is seen. */
const GAP_MS = 5;

/**
 * Writes one key of a partition all the time and knows when it was answered. As a client does through the edge, it asks the region that
 * the last answer named; being near one region it pays the distance to the other.
 */
export class Writer {
	readonly #acknowledgedMs: number[] = [];
	#stopped = false;
	readonly #running: Promise<void>;

	constructor(world: MigrationWorld, put: PutItem, partition: PartitionId, near: RegionId) {
		this.#running = this.#write(world, put, partition, near);
	}

	/** The longest time between two acknowledgements in a row of which one lies between the two instants (`performance.now()`). */
	longestPauseMs(fromMs: number, toMs: number): number {
		const times = this.#acknowledgedMs;
		const gaps = times.slice(1).map((time, index) => ({ gap: time - (times[index] ?? time), begins: times[index] ?? time, ends: time }));
		const within = gaps.filter(({ begins, ends }) => ends >= fromMs && begins <= toMs);
		assert(within.length > 0, "nothing was written");
		return Math.max(...within.map(({ gap }) => gap));
	}

	/** Resolves at the first acknowledgement after this call. */
	async nextAcknowledgement(): Promise<void> {
		const seen = this.#acknowledgedMs.length;
		while (this.#acknowledgedMs.length === seen && !this.#stopped) await new Promise((resolve) => setTimeout(resolve, 1));
	}

	/** @throws AssertionError when a write was not carried out */
	async stop(): Promise<void> {
		this.#stopped = true;
		await this.#running;
	}

	async #write({ network, clock }: MigrationWorld, put: PutItem, partition: PartitionId, near: RegionId): Promise<void> {
		let leader = near;
		for (let n = 0; !this.#stopped; n += 1) {
			const activity = clock.begin("write");
			const answer = await network.relay(activity, near, leader, () => put(leader, partition, "hammered", `write ${n}`));
			activity.end();
			assert(answer.status === 200 || answer.status === 201, `a write was answered ${answer.status}`);
			this.#acknowledgedMs.push(performance.now());
			leader = answer.leader;
			await clock.sleep(GAP_MS);
		}
	}
}

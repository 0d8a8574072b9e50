import type { PartitionId } from "#domain/partition/partition-id.ts";
import { type PartitionWindow, regionsServing } from "#domain/partition-state/window.ts";

/** Partitions remembered; about 150 bytes each. One forgotten only has its state written with its window's end instead of sooner. */
const CAPACITY = 20_000;

/** Which region served each partition in the last window that this instance has seen: another one since then means that it is shifting. */
export class LastServed {
	readonly #regions = new Map<PartitionId, string>();

	/** Whether more than one region has served the partition lately. */
	isShifting(partition: PartitionId, window: PartitionWindow): boolean {
		const before = this.#regions.get(partition);
		const regions = regionsServing(window);
		return regions.length > 1 || (before !== undefined && regions.some((region) => region !== before));
	}

	remember(partition: PartitionId, window: PartitionWindow): void {
		const [only, ...others] = regionsServing(window);
		// while it shifts, whoever served before is still the one to compare with
		if (only === undefined || others.length > 0) return;
		this.#regions.delete(partition);
		this.#regions.set(partition, only);
		const [oldest] = this.#regions.keys();
		if (this.#regions.size > CAPACITY && oldest !== undefined) this.#regions.delete(oldest);
	}
}

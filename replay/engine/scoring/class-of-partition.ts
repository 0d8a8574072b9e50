import type { ReplayWorld } from "#replay/engine/world.ts";

const BOUNDS = [1, 10, 100, 1_000, 10_000] as const;

/** Classes of partitions by their accesses in the scored part: at least `from`, less than `below` (null: no limit). */
export const ACTIVITY_CLASSES = BOUNDS.map((from, index) => ({ from, below: BOUNDS[index + 1] ?? null }));

/** By partition the index of its class, one past the last for those without an access in the scored part. */
export function classOfPartition({
	trace: { cells, partitions },
	scoredFromHour,
}: Pick<ReplayWorld, "trace" | "scoredFromHour">): Uint8Array {
	const accesses = new Float64Array(partitions.length);
	cells.hour.forEach((hour, cell) => {
		if (hour < scoredFromHour) return;
		const partition = cells.partition[cell] ?? 0;
		accesses[partition] = (accesses[partition] ?? 0) + (cells.count[cell] ?? 0);
	});
	return Uint8Array.from(accesses, (n) => {
		const found = ACTIVITY_CLASSES.findIndex(({ from, below }) => n >= from && (below === null || n < below));
		return found < 0 ? ACTIVITY_CLASSES.length : found;
	});
}

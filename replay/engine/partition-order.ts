import type { Trace } from "#replay/engine/trace.ts";

/** The cells of a trace, partition after partition, each in order of time. */
export interface PartitionOrder {
	/** Cell indices. */
	readonly cells: Int32Array;
	/** Partition p has `cells[start[p]]` until before `cells[start[p + 1]]`. */
	readonly start: Int32Array;
}

/** A counting sort: stable, so time stays in order. */
export function orderByPartition({ cells, partitions }: Trace): PartitionOrder {
	const start = new Int32Array(partitions.length + 1);
	for (const partition of cells.partition) start[partition + 1] = (start[partition + 1] ?? 0) + 1;
	for (let index = 0; index < partitions.length; index += 1) start[index + 1] = (start[index + 1] ?? 0) + (start[index] ?? 0);
	const next = start.slice();
	const ordered = new Int32Array(cells.hour.length);
	cells.partition.forEach((partition, cell) => {
		ordered[next[partition] ?? 0] = cell;
		next[partition] = (next[partition] ?? 0) + 1;
	});
	return { cells: ordered, start };
}

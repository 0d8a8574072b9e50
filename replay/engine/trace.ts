import type { RegionId } from "#domain/geography/region-id.ts";

/**
 * The accesses of one partition from one region and segment inside one hour, as parallel arrays ordered by hour. Everything a
 * replay needs of a log: 17 bytes a cell, whatever a row was.
 */
export interface Cells {
	/** Hours since the Unix epoch, ascending. */
	readonly hour: Int32Array;
	/** Index into `Trace.partitions`. */
	readonly partition: Int32Array;
	/** Index into `Trace.regions`: the region nearest to the viewers. */
	readonly region: Uint8Array;
	/** Index into `Trace.segments`. */
	readonly segment: Uint16Array;
	/** Accesses, at least 1. */
	readonly count: Float64Array;
}

/** An access log, counted by hour. */
export interface Trace {
	readonly regions: readonly RegionId[];
	/** Names in the order of first access. */
	readonly partitions: readonly string[];
	/** The first is "", for accesses without one. */
	readonly segments: readonly string[];
	readonly cells: Cells;
	/** Accesses in all. */
	readonly volume: number;
	/** Body bytes of all accesses that name them, and how many do. */
	readonly bytes: { readonly sum: number; readonly accesses: number };
	/** Accesses that the log calls reads and writes; what it says nothing of counts as neither. */
	readonly reads: number;
	readonly writes: number;
	readonly rows: number;
	/** Reason -> rows. */
	readonly rowsSkipped: Readonly<Record<string, number>>;
}

/** First index of the cells at or after `hour`. */
export function lowerBound(hours: Int32Array, hour: number): number {
	let low = 0;
	let high = hours.length;
	while (low < high) {
		const middle = (low + high) >>> 1;
		if ((hours[middle] ?? 0) < hour) low = middle + 1;
		else high = middle;
	}
	return low;
}

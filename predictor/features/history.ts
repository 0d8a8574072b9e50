import type { RegionId } from "#domain/geography/region-id.ts";

/**
 * The accesses of one partition from one region and segment inside one hour, as parallel arrays ordered by hour, then partition, region and
 * segment: 17 bytes a cell, whatever a row of the log was.
 */
export interface Cells {
	/** Hours since the Unix epoch, ascending. */
	readonly hour: Int32Array;
	/** Index into `AccessHistory.partitions`. */
	readonly partition: Int32Array;
	/** Index into `AccessHistory.regions`: the region nearest to the viewers. */
	readonly region: Uint8Array;
	/** Index into `AccessHistory.segments`. */
	readonly segment: Uint16Array;
	/** Accesses, at least 1. */
	readonly count: Float64Array;
}

/** Accesses counted by hour: what training, scoring and replay read. */
export interface AccessHistory {
	readonly regions: readonly RegionId[];
	/** Names in the order of first access. */
	readonly partitions: readonly string[];
	/** The first is "", for accesses without one. */
	readonly segments: readonly string[];
	readonly cells: Cells;
	/** Accesses in all. */
	readonly volume: number;
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

/** The hour of the access with which `share` of the volume is reached. */
export function hourOfVolume({ cells, volume }: AccessHistory, share: number): number {
	let sum = 0;
	for (let cell = 0; cell < cells.hour.length; cell += 1) {
		sum += cells.count[cell] ?? 0;
		if (sum >= share * volume) return cells.hour[cell] ?? 0;
	}
	return cells.hour.at(-1) ?? 0;
}

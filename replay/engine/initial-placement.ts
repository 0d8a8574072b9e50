import type { SetTable } from "#domain/placement/sets/set-table.ts";
import type { Trace } from "#replay/engine/trace.ts";

/** A set and a leader a partition, as indices. */
export interface Placements {
	readonly set: Int32Array;
	readonly leader: Uint8Array;
}

/**
 * Where each partition starts: it leads where it is first touched, and its other copies are those that are nearest to all accesses of
 * all partitions so far.
 */
export function initialPlacements({ cells, partitions, regions }: Trace, table: SetTable): Placements {
	const set = new Int32Array(partitions.length).fill(-1);
	const leader = new Uint8Array(partitions.length);
	const demand = new Float64Array(regions.length);
	for (let cell = 0; cell < cells.hour.length; cell += 1) {
		const region = cells.region[cell] ?? 0;
		const partition = cells.partition[cell] ?? 0;
		demand[region] = (demand[region] ?? 0) + (cells.count[cell] ?? 0);
		if (set[partition] !== -1) continue;
		set[partition] = nearestSet(table, demand, region);
		leader[partition] = region;
	}
	return { set, leader };
}

/** The set nearest to a demand (weights by region). @param must a region that has to be in it @default none */
export function nearestSet(table: SetTable, demand: Float64Array, must?: number): number {
	let best = -1;
	let bestMs = Number.POSITIVE_INFINITY;
	for (let set = 0; set < table.size; set += 1) {
		if (must !== undefined && !table.has(set, must)) continue;
		const ms = table.nearCost(set, demand);
		if (ms < bestMs) {
			best = set;
			bestMs = ms;
		}
	}
	return best;
}

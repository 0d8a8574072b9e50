import type { RegionId } from "#domain/geography/region-id.ts";

/**
 * When and where an item was last written: a hybrid logical clock. Later `ms` wins, then larger `n`, then the region's name.
 *
 * @see Kulkarni et al., Logical Physical Clocks, OPODIS 2014
 */
export interface WriteTime {
	/** Of the local cloud's clock, since the Unix epoch. */
	readonly ms: number;
	/** Tells apart writes that saw one another within one millisecond. */
	readonly n: number;
	readonly region: RegionId;
}

/** Negative when `a` is older. */
export function compareWriteTimes(a: WriteTime, b: WriteTime): number {
	if (a.ms !== b.ms) return a.ms - b.ms;
	if (a.n !== b.n) return a.n - b.n;
	return a.region < b.region ? -1 : a.region > b.region ? 1 : 0;
}

/** The time of a write in `region` over what it holds: always newer than that, whatever the clock says. */
export function nextWriteTime(nowMs: number, region: RegionId, held: WriteTime | undefined): WriteTime {
	return held === undefined || nowMs > held.ms ? { ms: nowMs, n: 0, region } : { ms: held.ms, n: held.n + 1, region };
}

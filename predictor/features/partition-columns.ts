import { RegionClocks } from "#domain/geography/region-clocks.ts";
import { HOURS_PER_DAY } from "#domain/prediction/hours.ts";
import { PARTITION_HALF_LIVES_HOURS, PARTITION_HOURS_HALF_LIFE_HOURS, RECENT_HALF_LIFE_ACCESSES } from "#domain/prediction/settings.ts";
import { CountColumns } from "#predictor/features/count-columns.ts";
import { SegmentColumns } from "#predictor/features/segment-columns.ts";

/** What one access leaves of the counts before it. */
const RECENT_DECAY = 2 ** (-1 / RECENT_HALF_LIFE_ACCESSES);
const NEVER = -1;

/** Accesses of partitions from one region and segment in one hour, as parallel arrays ordered by partition, then region. */
export interface HourCells {
	readonly partition: Int32Array;
	readonly region: Uint8Array;
	readonly count: Float64Array;
	/** Index into the columns' segments. @default all without one */
	readonly segment?: Uint16Array;
}

/** What forecasting remembers of partitions: some hundred bytes a partition and half-life. An hour costs what its accesses cost. */
export class PartitionColumns {
	readonly counts: CountColumns;
	/** Counts by hour of the day, as clocks of the region show it but for its standard offset. */
	readonly hours: CountColumns;
	readonly segments: SegmentColumns;
	/** Counts that halve with every few accesses, by partition and region. */
	readonly recent: Float64Array;
	/** Hour of the last access by partition; -1 where there was none. */
	readonly lastHour: Int32Array;
	readonly #regions: number;
	readonly #clocks: RegionClocks;
	readonly #segmentNames: readonly string[];

	/** @param regions AWS region codes in the order of the cells' numbers @param segmentNames what the cells' segments are called; the first is "" */
	constructor(slots: number, regions: readonly string[], segmentNames: readonly string[]) {
		this.#regions = regions.length;
		this.#clocks = new RegionClocks(regions);
		this.#segmentNames = segmentNames;
		this.counts = new CountColumns(slots, regions.length, PARTITION_HALF_LIVES_HOURS);
		this.hours = new CountColumns(slots, regions.length, [PARTITION_HOURS_HALF_LIFE_HOURS], HOURS_PER_DAY, 32);
		this.segments = new SegmentColumns(regions.length);
		this.recent = new Float64Array(slots * regions.length);
		this.lastHour = new Int32Array(slots).fill(NEVER);
	}

	/** Takes in the cells `begin` until before `end`: all of one partition and hour. */
	take(slot: number, cells: HourCells, begin: number, end: number, hour: number): void {
		this.#takeRecent(slot, cells, begin, end);
		this.#takeSegments(slot, cells, begin, end, hour);
		const ahead = this.#clocks.aheadAt(hour);
		for (let cell = begin; cell < end; ) {
			const region = cells.region[cell] ?? 0;
			let count = 0;
			// one addition a region, whatever the segments: sums of 32-bit numbers depend on their order
			for (; cell < end && cells.region[cell] === region; cell += 1) count += cells.count[cell] ?? 0;
			this.counts.add(slot, region, count, hour);
			this.hours.add(slot, region * HOURS_PER_DAY + ((hour + (ahead[region] ?? 0)) % HOURS_PER_DAY), count, hour);
		}
		this.lastHour[slot] = Math.max(hour, this.lastHour[slot] ?? NEVER);
	}

	/** The order inside an hour is not known, so each region gets its share of the hour's total weight: the mean over all orders. */
	#takeRecent(slot: number, cells: HourCells, begin: number, end: number): void {
		let total = 0;
		for (let cell = begin; cell < end; cell += 1) total += cells.count[cell] ?? 0;
		const kept = RECENT_DECAY ** total;
		const weightEach = (1 - kept) / (1 - RECENT_DECAY) / total;
		const start = slot * this.#regions;
		for (let at = start; at < start + this.#regions; at += 1) this.recent[at] = (this.recent[at] ?? 0) * kept;
		for (let cell = begin; cell < end; cell += 1) {
			const at = start + (cells.region[cell] ?? 0);
			this.recent[at] = (this.recent[at] ?? 0) + (cells.count[cell] ?? 0) * weightEach;
		}
	}

	#takeSegments(slot: number, { segment, region, count }: HourCells, begin: number, end: number, hour: number): void {
		const last = this.lastHour[slot] ?? NEVER;
		if (last !== NEVER && hour > last) this.segments.decay(slot, hour - last);
		if (segment === undefined) return;
		let found = false;
		for (let cell = begin; cell < end; cell += 1) {
			const name = this.#segmentNames[segment[cell] ?? 0] ?? "";
			if (name === "") continue;
			this.segments.add(slot, name, region[cell] ?? 0, count[cell] ?? 0, hour, Math.max(0, last - hour));
			found = true;
		}
		if (found) this.segments.prune(slot);
	}
}

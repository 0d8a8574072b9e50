import {
	GLOBAL_HALF_LIVES_HOURS,
	PARENT_HALF_LIVES_HOURS,
	PARTITION_HALF_LIVES_HOURS,
	WEEK_PROFILE_HALF_LIFE_HOURS,
} from "#domain/prediction/settings.ts";
import { CountColumns } from "#predictor/columns/count-columns.ts";
import { numberParents, type Parents } from "#predictor/columns/parents.ts";
import { WeekProfile } from "#predictor/columns/week-profile.ts";
import { RECENT_DECAY } from "#predictor/features/recent-counts.ts";

/** Accesses of one hour, as parallel arrays ordered by partition. */
export interface HourCells {
	readonly partition: Int32Array;
	readonly region: Uint8Array;
	readonly count: Float64Array;
}

export const HOURS_PER_DAY = 24;
/** Half-lives of the hour-of-day counts of a partition and of a parent. */
const OWN_HOURS_HALF_LIFE_HOURS = 120 * HOURS_PER_DAY;
const PARENT_HOURS_HALF_LIFE_HOURS = 180 * HOURS_PER_DAY;
const NEVER = -1;

/**
 * What forecasting remembers of all partitions, their parents and everybody, in flat arrays: some hundred bytes a partition and
 * half-life. An hour costs what its accesses cost.
 */
export class FeatureColumns {
	readonly regions: number;
	readonly parents: Parents;
	readonly own: CountColumns;
	readonly ofParents: CountColumns;
	readonly ofAll: CountColumns;
	readonly ownHours: CountColumns;
	readonly parentHours: CountColumns;
	readonly week: WeekProfile;
	/** Counts that halve with every few accesses, by partition and region. */
	readonly recent: Float64Array;
	/** Hour of the last access by partition; -1 where there was none. */
	readonly lastHour: Int32Array;

	constructor(partitions: readonly string[], regions: number) {
		const slots = partitions.length;
		this.regions = regions;
		this.parents = numberParents(partitions);
		this.own = new CountColumns(slots, regions, PARTITION_HALF_LIVES_HOURS);
		this.ofParents = new CountColumns(this.parents.size, regions, PARENT_HALF_LIVES_HOURS);
		this.ofAll = new CountColumns(1, regions, GLOBAL_HALF_LIVES_HOURS);
		this.ownHours = new CountColumns(slots, regions * HOURS_PER_DAY, [OWN_HOURS_HALF_LIFE_HOURS], 32);
		this.parentHours = new CountColumns(this.parents.size, regions * HOURS_PER_DAY, [PARENT_HOURS_HALF_LIFE_HOURS]);
		this.week = new WeekProfile(regions, WEEK_PROFILE_HALF_LIFE_HOURS);
		this.recent = new Float64Array(slots * regions);
		this.lastHour = new Int32Array(slots).fill(NEVER);
	}

	/** Takes in the cells `from` until before `to`, all of one `hour` that is not before the last one taken. */
	take(cells: HourCells, from: number, to: number, hour: number): void {
		for (let begin = from; begin < to; ) {
			const partition = cells.partition[begin] ?? 0;
			let end = begin;
			let total = 0;
			for (; end < to && cells.partition[end] === partition; end += 1) total += cells.count[end] ?? 0;
			this.#takePartition(cells, begin, end, total, partition, hour);
			begin = end;
		}
	}

	#takePartition(cells: HourCells, begin: number, end: number, total: number, partition: number, hour: number): void {
		const kept = RECENT_DECAY ** total;
		const weightEach = (1 - kept) / (1 - RECENT_DECAY) / total;
		const start = partition * this.regions;
		for (let region = 0; region < this.regions; region += 1) this.recent[start + region] = (this.recent[start + region] ?? 0) * kept;
		const parent = this.parents.of[partition] ?? 0;
		for (let cell = begin; cell < end; cell += 1) {
			const region = cells.region[cell] ?? 0;
			const count = cells.count[cell] ?? 0;
			const hourBin = region * HOURS_PER_DAY + (hour % HOURS_PER_DAY);
			this.recent[start + region] = (this.recent[start + region] ?? 0) + count * weightEach;
			this.own.add(partition, region, count, hour);
			this.ofParents.add(parent, region, count, hour);
			this.ofAll.add(0, region, count, hour);
			this.ownHours.add(partition, hourBin, count, hour);
			this.parentHours.add(parent, hourBin, count, hour);
			this.week.add(region, count, hour);
		}
		this.lastHour[partition] = hour;
	}
}

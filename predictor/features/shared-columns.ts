import { RegionClocks } from "#domain/geography/region-clocks.ts";
import { HOURS_PER_DAY } from "#domain/prediction/hours.ts";
import {
	GLOBAL_HALF_LIVES_HOURS,
	PARENT_HALF_LIVES_HOURS,
	PARENT_HOURS_HALF_LIFE_HOURS,
	WEEK_PROFILE_HALF_LIFE_HOURS,
} from "#domain/prediction/settings.ts";
import { CountColumns } from "#predictor/features/count-columns.ts";
import { WeekProfile } from "#predictor/features/week-profile.ts";

/** What forecasting remembers of parents. */
export class ParentColumns {
	readonly counts: CountColumns;
	/** Counts by hour of the day, as a partition's. */
	readonly hours: CountColumns;
	readonly #clocks: RegionClocks;

	/** @param regions AWS region codes */
	constructor(slots: number, regions: readonly string[]) {
		this.#clocks = new RegionClocks(regions);
		this.counts = new CountColumns(slots, regions.length, PARENT_HALF_LIVES_HOURS);
		this.hours = new CountColumns(slots, regions.length, [PARENT_HOURS_HALF_LIFE_HOURS], HOURS_PER_DAY, 32);
	}

	add(parent: number, region: number, count: number, hour: number): void {
		this.counts.add(parent, region, count, hour);
		const local = hour + (this.#clocks.aheadAt(hour)[region] ?? 0);
		this.hours.add(parent, region * HOURS_PER_DAY + (local % HOURS_PER_DAY), count, hour);
	}
}

/** What forecasting remembers of everybody. */
export class GlobalColumns {
	readonly counts: CountColumns;
	readonly week: WeekProfile;

	/** @param regions AWS region codes */
	constructor(regions: readonly string[]) {
		this.counts = new CountColumns(1, regions.length, GLOBAL_HALF_LIVES_HOURS);
		this.week = new WeekProfile(regions, WEEK_PROFILE_HALF_LIFE_HOURS);
	}

	add(region: number, count: number, hour: number): void {
		this.counts.add(0, region, count, hour);
		this.week.add(region, count, hour);
	}
}

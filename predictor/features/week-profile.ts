import { RegionClocks } from "#domain/geography/region-clocks.ts";
import { HOURS_PER_DAY, HOURS_PER_WEEK } from "#domain/prediction/hours.ts";
import type { RegionPlaces } from "#predictor/features/count-columns.ts";

const WEEKS_AHEAD = 2;
/** Weights of the smoothing, from the forecasting evidence: own bin, neighbours, prior of so many accesses. */
const OWN = 0.5;
const NEIGHBOUR = 0.25;
const PRIOR = 20;
/** Accesses, one an hour of the day, that keep the hour-of-day profile of an unknown region flat. */
const FLAT_PRIOR = 24;

/**
 * When each region is active in the course of a week: decayed counts by region and hour of the week, and how active a region is in some
 * hours against its own average. Hours of the week and of the day are local as far as summer time goes: UTC, and an hour more while the
 * region's clocks are ahead. What is known at an hour are the days (UTC) before: the profile is smoothed once a day.
 */
export class WeekProfile {
	readonly #regions: number;
	readonly #clocks: RegionClocks;
	readonly #halfLifeHours: number;
	/** Counts of the days before `#dayHour`, decayed to it. */
	readonly #bins: Float64Array;
	/** Counts of the day that begins at `#dayHour`, by hour UTC. */
	readonly #today: Float64Array;
	/** Sums of the smoothed shares from the beginning of the week, over two weeks and a day, a region after another. */
	readonly #sums: Float64Array;
	readonly #stride = HOURS_PER_WEEK * WEEKS_AHEAD + HOURS_PER_DAY + 1;
	/** Counts by region and hour of the day, of all days before. */
	readonly #hours: Float64Array;
	#dayHour = 0;
	#isSmooth = false;

	/** @param regions AWS region codes */
	constructor(regions: readonly string[], halfLifeHours: number) {
		this.#regions = regions.length;
		this.#clocks = new RegionClocks(regions);
		this.#halfLifeHours = halfLifeHours;
		this.#bins = new Float64Array(regions.length * HOURS_PER_WEEK);
		this.#today = new Float64Array(regions.length * HOURS_PER_DAY);
		this.#sums = new Float64Array(regions.length * this.#stride);
		this.#hours = new Float64Array(regions.length * HOURS_PER_DAY);
	}

	add(region: number, count: number, hour: number): void {
		const dayHour = hour - (hour % HOURS_PER_DAY);
		if (dayHour > this.#dayHour) this.#closeDay(dayHour);
		if (dayHour === this.#dayHour) {
			const at = region * HOURS_PER_DAY + (hour % HOURS_PER_DAY);
			this.#today[at] = (this.#today[at] ?? 0) + count;
		} else this.#addBefore(region, count, hour);
	}

	/** How active a region is from `fromHour` on for at most a week, 1: as usual. Clocks are taken to show until the end what they do at first. */
	activity(region: number, fromHour: number, hours: number): number {
		const from = region * this.#stride + (this.#local(region, fromHour) % HOURS_PER_WEEK);
		return (HOURS_PER_WEEK * ((this.#sums[from + hours] ?? 0) - (this.#sums[from] ?? 0))) / hours;
	}

	/** Accesses of a region in an hour of the day of its own, of all days before. */
	ofHour(region: number, hourOfDay: number): number {
		return this.#hours[region * HOURS_PER_DAY + hourOfDay] ?? 0;
	}

	/** To be called before `activity` and `ofHour`, with the hour of the forecast. */
	refresh(hour: number): void {
		const dayHour = hour - (hour % HOURS_PER_DAY);
		if (dayHour > this.#dayHour) this.#closeDay(dayHour);
		if (this.#isSmooth) return;
		this.#isSmooth = true;
		for (let region = 0; region < this.#regions; region += 1) this.#smooth(region);
	}

	save(): { readonly week: Float64Array; readonly today: Float64Array; readonly dayHour: number } {
		return { week: this.#bins.slice(), today: this.#today.slice(), dayHour: this.#dayHour };
	}

	/** Replaces everything by saved numbers of other regions; regions that are not among the profile's are left out. */
	load(week: ArrayLike<number>, today: ArrayLike<number>, places: RegionPlaces, dayHour: number): void {
		this.#dayHour = dayHour;
		this.#isSmooth = false;
		this.#bins.fill(0);
		this.#today.fill(0);
		places.forEach((place, at) => {
			if (place < 0) return;
			for (let bin = 0; bin < HOURS_PER_WEEK; bin += 1) this.#bins[place * HOURS_PER_WEEK + bin] = week[at * HOURS_PER_WEEK + bin] ?? 0;
			for (let bin = 0; bin < HOURS_PER_DAY; bin += 1) this.#today[place * HOURS_PER_DAY + bin] = today[at * HOURS_PER_DAY + bin] ?? 0;
		});
	}

	#closeDay(dayHour: number): void {
		const factor = 2 ** (-(dayHour - this.#dayHour) / this.#halfLifeHours);
		for (let bin = 0; bin < this.#bins.length; bin += 1) this.#bins[bin] = (this.#bins[bin] ?? 0) * factor;
		const closed = this.#dayHour;
		this.#dayHour = dayHour;
		this.#today.forEach((count, at) => {
			if (count > 0) this.#addBefore(Math.floor(at / HOURS_PER_DAY), count, closed + (at % HOURS_PER_DAY));
		});
		this.#today.fill(0);
		this.#isSmooth = false;
	}

	#addBefore(region: number, count: number, hour: number): void {
		const at = region * HOURS_PER_WEEK + (this.#local(region, hour) % HOURS_PER_WEEK);
		this.#bins[at] = (this.#bins[at] ?? 0) + count * 2 ** (-(this.#dayHour - hour) / this.#halfLifeHours);
		this.#isSmooth = false;
	}

	#local(region: number, hour: number): number {
		return hour + (this.#clocks.aheadAt(hour)[region] ?? 0);
	}

	#smooth(region: number): void {
		const bins = this.#bins.subarray(region * HOURS_PER_WEEK, (region + 1) * HOURS_PER_WEEK);
		const hours = this.#hours.subarray(region * HOURS_PER_DAY, (region + 1) * HOURS_PER_DAY).fill(0);
		let total = 0;
		for (let hour = 0; hour < HOURS_PER_WEEK; hour += 1) {
			const count = bins[hour] ?? 0;
			total += count;
			hours[hour % HOURS_PER_DAY] = (hours[hour % HOURS_PER_DAY] ?? 0) + count;
		}
		const start = region * this.#stride;
		let sum = 0;
		for (let hour = 0; hour < this.#stride - 1; hour += 1) {
			const at = hour % HOURS_PER_WEEK;
			const beside = (bins[(at + HOURS_PER_WEEK - 1) % HOURS_PER_WEEK] ?? 0) + (bins[(at + 1) % HOURS_PER_WEEK] ?? 0);
			const day = (hours[at % HOURS_PER_DAY] ?? 0) + FLAT_PRIOR / HOURS_PER_DAY;
			const prior = (PRIOR * day) / (total + FLAT_PRIOR) / (HOURS_PER_WEEK / HOURS_PER_DAY);
			sum += (OWN * (bins[at] ?? 0) + NEIGHBOUR * beside + prior) / (total + PRIOR);
			this.#sums[start + hour + 1] = sum;
		}
	}
}

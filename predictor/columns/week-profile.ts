const HOURS_PER_WEEK = 168;
const HOURS_PER_DAY = 24;
const WEEKS_AHEAD = 2;
/** Weights of the smoothing, from the forecasting evidence: own bin, neighbours, prior of so many accesses. */
const OWN = 0.5;
const NEIGHBOUR = 0.25;
const PRIOR = 20;
/** Accesses, one an hour of the day, that keep the hour-of-day profile of an unknown region flat. */
const FLAT_PRIOR = 24;

/**
 * When each region is active in the course of a week: decayed counts by region and hour of the week, and how active a region is in some
 * hours against its own average. The smoothed profile is made anew once a day.
 */
export class WeekProfile {
	readonly #regions: number;
	readonly #halfLifeHours: number;
	readonly #bins: Float64Array;
	/** Sums of the smoothed shares from the beginning of the week, over two weeks and a day, a region after another. */
	readonly #sums: Float64Array;
	readonly #stride = HOURS_PER_WEEK * WEEKS_AHEAD + HOURS_PER_DAY + 1;
	#asOfHour = 0;
	#smoothedHour = Number.NEGATIVE_INFINITY;

	constructor(regions: number, halfLifeHours: number) {
		this.#regions = regions;
		this.#halfLifeHours = halfLifeHours;
		this.#bins = new Float64Array(regions * HOURS_PER_WEEK);
		this.#sums = new Float64Array(regions * this.#stride);
	}

	/** @param hour not before the last one */
	add(region: number, count: number, hour: number): void {
		this.#decayTo(hour);
		const bin = region * HOURS_PER_WEEK + (hour % HOURS_PER_WEEK);
		this.#bins[bin] = (this.#bins[bin] ?? 0) + count;
	}

	/** How active a region is from `fromHour` on for at most a week, 1: as usual. */
	activity(region: number, fromHour: number, hours: number): number {
		const from = region * this.#stride + (fromHour % HOURS_PER_WEEK);
		return (HOURS_PER_WEEK * ((this.#sums[from + hours] ?? 0) - (this.#sums[from] ?? 0))) / hours;
	}

	/** Makes the smoothed profile anew where it is a day old. To be called before `activity`, with the hour of the forecast. */
	refresh(hour: number): void {
		if (hour - this.#smoothedHour < HOURS_PER_DAY) return;
		this.#smoothedHour = hour;
		this.#decayTo(hour);
		for (let region = 0; region < this.#regions; region += 1) this.#smooth(region);
	}

	#smooth(region: number): void {
		const bins = this.#bins.subarray(region * HOURS_PER_WEEK, (region + 1) * HOURS_PER_WEEK);
		const day = new Float64Array(HOURS_PER_DAY).fill(FLAT_PRIOR / HOURS_PER_DAY);
		let total = 0;
		bins.forEach((count, hour) => {
			total += count;
			day[hour % HOURS_PER_DAY] = (day[hour % HOURS_PER_DAY] ?? 0) + count;
		});
		const start = region * this.#stride;
		let sum = 0;
		for (let hour = 0; hour < this.#stride - 1; hour += 1) {
			const at = hour % HOURS_PER_WEEK;
			const beside = (bins[(at + HOURS_PER_WEEK - 1) % HOURS_PER_WEEK] ?? 0) + (bins[(at + 1) % HOURS_PER_WEEK] ?? 0);
			const prior = (PRIOR * (day[at % HOURS_PER_DAY] ?? 0)) / (total + FLAT_PRIOR) / (HOURS_PER_WEEK / HOURS_PER_DAY);
			sum += (OWN * (bins[at] ?? 0) + NEIGHBOUR * beside + prior) / (total + PRIOR);
			this.#sums[start + hour + 1] = sum;
		}
	}

	#decayTo(hour: number): void {
		if (hour <= this.#asOfHour) return;
		const factor = 2 ** (-(hour - this.#asOfHour) / this.#halfLifeHours);
		for (let bin = 0; bin < this.#bins.length; bin += 1) this.#bins[bin] = (this.#bins[bin] ?? 0) * factor;
		this.#asOfHour = hour;
	}
}

/** Where the regions of a stored state are among the columns' regions; -1: nowhere. */
export type RegionPlaces = Int32Array;

/**
 * Decayed counts of many partitions (or parents) in one flat array: slot after slot, in a slot half-life after half-life, in a
 * half-life region after region, in a region one number a bin. Decay is applied when a slot is written; reading scales by what has passed
 * since.
 */
export class CountColumns {
	readonly regions: number;
	/** Numbers a half-life. */
	readonly bins: number;
	readonly halfLivesHours: readonly number[];
	readonly #binsPerRegion: number;
	readonly #width: number;
	readonly #values: Float64Array | Float32Array;
	/** The hour to which a slot's counts are decayed. */
	readonly #asOf: Int32Array;

	/** @param precision 32 bits halve the memory of wide slots, and cost 1e-7 of a count */
	constructor(slots: number, regions: number, halfLivesHours: readonly number[], binsPerRegion = 1, precision: 32 | 64 = 64) {
		this.regions = regions;
		this.bins = regions * binsPerRegion;
		this.halfLivesHours = halfLivesHours;
		this.#binsPerRegion = binsPerRegion;
		this.#width = this.bins * halfLivesHours.length;
		this.#values = precision === 64 ? new Float64Array(slots * this.#width) : new Float32Array(slots * this.#width);
		this.#asOf = new Int32Array(slots);
	}

	/** Counts `count` accesses of `hour`. Costs what one access costs, not the history. A straggler of an earlier hour has decayed already. */
	add(slot: number, bin: number, count: number, hour: number): void {
		const start = slot * this.#width;
		const elapsed = hour - (this.#asOf[slot] ?? 0);
		if (elapsed > 0) {
			for (let index = 0; index < this.halfLivesHours.length; index += 1) {
				const factor = 2 ** (-elapsed / (this.halfLivesHours[index] ?? 1));
				const from = start + index * this.bins;
				for (let at = from; at < from + this.bins; at += 1) this.#values[at] = (this.#values[at] ?? 0) * factor;
			}
			this.#asOf[slot] = hour;
		}
		for (let index = 0; index < this.halfLivesHours.length; index += 1) {
			const at = start + index * this.bins + bin;
			const left = elapsed < 0 ? 2 ** (elapsed / (this.halfLivesHours[index] ?? 1)) : 1;
			this.#values[at] = (this.#values[at] ?? 0) + count * left;
		}
	}

	/** Writes the slot's counts at the beginning of `hour` for one half-life to `out`, one number a bin; returns their sum. */
	read(slot: number, halfLife: number, hour: number, out: Float64Array): number {
		const factor = this.decay(slot, halfLife, hour);
		const from = slot * this.#width + halfLife * this.bins;
		let total = 0;
		for (let bin = 0; bin < this.bins; bin += 1) {
			const value = (this.#values[from + bin] ?? 0) * factor;
			out[bin] = value;
			total += value;
		}
		return total;
	}

	/** What is left at `hour` of one unit of the slot's counts as they are kept. */
	decay(slot: number, halfLife: number, hour: number): number {
		return 2 ** (-(hour - (this.#asOf[slot] ?? 0)) / (this.halfLivesHours[halfLife] ?? 1));
	}

	/** One count as it is kept, of the first half-life: to be scaled by `decay`. */
	kept(slot: number, bin: number): number {
		return this.#values[slot * this.#width + bin] ?? 0;
	}

	/** The slot's numbers as they are kept, and the hour to which they are decayed. */
	save(slot: number): { readonly values: Float64Array | Float32Array; readonly asOfHour: number } {
		return { values: this.#values.slice(slot * this.#width, (slot + 1) * this.#width), asOfHour: this.#asOf[slot] ?? 0 };
	}

	/** Replaces the slot's numbers by saved ones of other regions; regions that are not among the columns' are left out. */
	load(slot: number, values: ArrayLike<number>, places: RegionPlaces, asOfHour: number): void {
		const start = slot * this.#width;
		this.#values.fill(0, start, start + this.#width);
		this.#asOf[slot] = asOfHour;
		let at = 0;
		for (let index = 0; index < this.halfLivesHours.length; index += 1) {
			for (const place of places) {
				const to = start + index * this.bins + place * this.#binsPerRegion;
				for (let bin = 0; bin < this.#binsPerRegion; bin += 1, at += 1) if (place >= 0) this.#values[to + bin] = values[at] ?? 0;
			}
		}
	}
}

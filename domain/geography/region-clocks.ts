import { type ClockChanges, clockChangesOf } from "#domain/geography/clock-changes.ts";
import { findRegion } from "#domain/geography/regions.ts";

/** Whether it is summer time in each of some regions. Looking up costs a comparison, until an hour lies beyond the next clock change of any. */
export class RegionClocks {
	readonly #changes: readonly ClockChanges[];
	/** What holds from `#from` until before `#until`. */
	#ahead: Int8Array = new Int8Array();
	#from = Number.POSITIVE_INFINITY;
	#until = Number.NEGATIVE_INFINITY;

	/** @param regions AWS region codes; one that the catalogue does not know has no summer time */
	constructor(regions: readonly string[]) {
		this.#changes = regions.map((region) => clockChangesOf(findRegion(region)?.zone));
	}

	/** By region, how many hours its clocks are ahead of standard time in an hour (since the Unix epoch). */
	aheadAt(hour: number): Int8Array {
		if (hour < this.#from || hour >= this.#until) this.#lookUp(hour);
		return this.#ahead;
	}

	#lookUp(hour: number): void {
		this.#from = Number.NEGATIVE_INFINITY;
		this.#until = Number.POSITIVE_INFINITY;
		const ahead = new Int8Array(this.#changes.length);
		this.#changes.forEach((changes, region) => {
			const next = firstAfter(changes.hours, hour);
			ahead[region] = changes.ahead[next - 1] ?? 0;
			this.#from = Math.max(this.#from, changes.hours[next - 1] ?? Number.NEGATIVE_INFINITY);
			this.#until = Math.min(this.#until, changes.hours[next] ?? Number.POSITIVE_INFINITY);
		});
		this.#ahead = ahead;
	}
}

/** Index of the first hour after `hour`, of ascending ones. */
function firstAfter(hours: readonly number[], hour: number): number {
	let low = 0;
	let high = hours.length;
	while (low < high) {
		const middle = (low + high) >>> 1;
		if ((hours[middle] ?? 0) <= hour) low = middle + 1;
		else high = middle;
	}
	return low;
}

import { type AccessHistory, lowerBound } from "#predictor/features/history.ts";

/** The accesses of some hours ahead, by partition: what a forecast is held against. To be asked for ascending hours. */
export class Upcoming {
	readonly #history: AccessHistory;
	readonly #outcomes = new Map<number, Float64Array>();
	#from = 0;

	constructor(history: AccessHistory) {
		this.#history = history;
	}

	/** Partition -> accesses by region in the hours `fromHour` until before `toHour`. Valid until the next call. */
	between(fromHour: number, toHour: number): ReadonlyMap<number, Float64Array> {
		const { cells, regions } = this.#history;
		this.#outcomes.clear();
		while (this.#from < cells.hour.length && (cells.hour[this.#from] ?? 0) < fromHour) this.#from += 1;
		const end = lowerBound(cells.hour, toHour);
		for (let cell = this.#from; cell < end; cell += 1) {
			const partition = cells.partition[cell] ?? 0;
			let outcome = this.#outcomes.get(partition);
			if (outcome === undefined) {
				outcome = new Float64Array(regions.length);
				this.#outcomes.set(partition, outcome);
			}
			const region = cells.region[cell] ?? 0;
			outcome[region] = (outcome[region] ?? 0) + (cells.count[cell] ?? 0);
		}
		return this.#outcomes;
	}
}

/** Hours between forecasts that are looked at: coprime to the week, so that no hour of it is favoured. */
export function strideFor(windows: number, wanted: number): number {
	let stride = Math.max(1, Math.ceil(windows / wanted));
	while (greatestCommonDivisor(stride, 168) !== 1) stride += 1;
	return stride;
}

const greatestCommonDivisor = (a: number, b: number): number => (b === 0 ? a : greatestCommonDivisor(b, a % b));

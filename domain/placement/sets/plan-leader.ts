import type { SetTable } from "#domain/placement/sets/set-table.ts";

/**
 * Who shall lead next, when the accesses of the hours ahead are forecast: the first step of the cheapest sequence of leaders, each change
 * charged. Dynamic programming from the last hour back.
 */
export class LeaderPlanner {
	readonly #table: SetTable;
	readonly #costs: Float64Array;

	constructor(table: SetTable) {
		this.#table = table;
		this.#costs = new Float64Array(table.copies);
	}

	/**
	 * What comes after the planned hours is weighed as one more step: a long time at the mean, before which the leadership may change once more.
	 *
	 * @param afterwardsMs expected ms x accesses after the planned hours with the leadership in each region, to be taken so many times
	 * @param hourlyMs expected ms x accesses with the leadership in each region, `regions` numbers an hour
	 * @param from index of the first number of the first hour
	 * @param hours 0: only what comes afterwards is weighed
	 * @param chargeMs ms x accesses that a change of leadership is charged
	 * @returns the region that leads in the first hour; `present` where nothing is cheaper
	 */
	next(
		set: number,
		present: number,
		afterwardsMs: { readonly values: Float64Array; readonly at: number; readonly times: number },
		hourlyMs: Float32Array,
		from: number,
		hours: number,
		chargeMs: number,
	): number {
		const { copies, members, regions } = this.#table;
		const first = set * copies;
		for (let position = 0; position < copies; position += 1) {
			this.#costs[position] = afterwardsMs.times * (afterwardsMs.values[afterwardsMs.at + (members[first + position] ?? 0)] ?? 0);
		}
		if (hours > 0) this.#allowChange(chargeMs);
		for (let hour = hours - 1; hour >= 0; hour -= 1) {
			for (let position = 0; position < copies; position += 1) {
				this.#costs[position] = (this.#costs[position] ?? 0) + (hourlyMs[from + hour * regions + (members[first + position] ?? 0)] ?? 0);
			}
			if (hour > 0) this.#allowChange(chargeMs);
		}
		return this.#cheapest(first, present, chargeMs);
	}

	/** What the cheapest sequence that begins with a member of the set costs, by position in it, as of the last call of `next`; changes to it not charged. */
	get costs(): Float64Array {
		return this.#costs;
	}

	/** No leader costs more than the cheapest one and the change to it. */
	#allowChange(chargeMs: number): void {
		const { copies } = this.#table;
		let least = Number.POSITIVE_INFINITY;
		for (let position = 0; position < copies; position += 1) least = Math.min(least, this.#costs[position] ?? 0);
		for (let position = 0; position < copies; position += 1) {
			if ((this.#costs[position] ?? 0) > least + chargeMs) this.#costs[position] = least + chargeMs;
		}
	}

	#cheapest(first: number, present: number, chargeMs: number): number {
		const { copies, members } = this.#table;
		let best = -1;
		let least = Number.POSITIVE_INFINITY;
		for (let position = 0; position < copies; position += 1) {
			const region = members[first + position] ?? 0;
			const cost = (this.#costs[position] ?? 0) + (region === present ? 0 : chargeMs);
			if (cost < least || (cost === least && region === present)) {
				best = region;
				least = cost;
			}
		}
		return best;
	}
}

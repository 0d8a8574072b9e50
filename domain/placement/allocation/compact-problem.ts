import type { AllocationOption, AllocationProblem } from "#domain/placement/allocation/problem.ts";
import { assert } from "#domain/shared/assert.ts";

/** Sums of amounts are compared with this slack, as a share of the limit. */
const ROUNDING = 1e-9;

/**
 * A problem in flat arrays, amounts as shares of their limits, without the options that can never be taken. Options are numbered through:
 * item i has `start[i]` until before `start[i + 1]`, to stay first.
 */
export class CompactProblem {
	readonly items: number;
	readonly resources: number;
	readonly start: Int32Array;
	readonly costMs: Float64Array;
	/** Uses of option o: `useStart[o]` until before `useStart[o + 1]`. */
	readonly useStart: Int32Array;
	readonly resource: Int32Array;
	readonly amount: Float64Array;
	/** Option -> its index among the item's options as they were given. */
	readonly given: Int32Array;

	/** @throws AssertionError where staying is not within the limits: a bug of the caller */
	constructor({ items, limits }: AllocationProblem) {
		const scales = limits.map((limit) => (limit > 0 ? 1 / limit : 1));
		const stays = staysOf(items, limits.length);
		assert(
			stays.every((used, resource) => used <= (limits[resource] ?? 0) * (1 + ROUNDING)),
			"all partitions may stay",
		);
		const kept = items.map((options) => {
			const stay = options[0];
			assert(stay !== undefined, "each partition has an option");
			const fits = (option: AllocationOption): boolean =>
				option === stay || option.uses.every(({ resource, amount }) => amount <= (limits[resource] ?? 0));
			return options.flatMap((option, given) => (fits(option) ? [{ option, given }] : []));
		});
		const flat = kept.flat();
		this.items = items.length;
		this.resources = limits.length;
		this.start = offsets(kept.map(({ length }) => length));
		this.costMs = Float64Array.from(flat, ({ option }) => option.costMs);
		this.given = Int32Array.from(flat, ({ given }) => given);
		this.useStart = offsets(flat.map(({ option }) => option.uses.length));
		const uses = flat.flatMap(({ option }) => option.uses);
		this.resource = Int32Array.from(uses, ({ resource }) => resource);
		this.amount = Float64Array.from(uses, ({ resource, amount }) => amount * (scales[resource] ?? 1));
	}

	/** The cost of an option with what it takes at these prices (ms x accesses for the whole limit). */
	pricedMs(option: number, prices: Float64Array): number {
		let sum = this.costMs[option] ?? 0;
		for (let at = this.useStart[option] ?? 0; at < (this.useStart[option + 1] ?? 0); at += 1)
			sum += (prices[this.resource[at] ?? 0] ?? 0) * (this.amount[at] ?? 0);
		return sum;
	}

	/** Adds `times` what an option takes to `used`. */
	use(option: number, times: number, used: Float64Array): void {
		for (let at = this.useStart[option] ?? 0; at < (this.useStart[option + 1] ?? 0); at += 1) {
			const resource = this.resource[at] ?? 0;
			used[resource] = (used[resource] ?? 0) + times * (this.amount[at] ?? 0);
		}
	}

	/** Whether `used`, in shares of the limits, is within them. */
	fits(used: Float64Array): boolean {
		for (let resource = 0; resource < this.resources; resource += 1) if ((used[resource] ?? 0) > 1 + ROUNDING) return false;
		return true;
	}
}

function staysOf(items: AllocationProblem["items"], resources: number): Float64Array {
	const used = new Float64Array(resources);
	for (const [stay] of items) for (const { resource, amount } of stay?.uses ?? []) used[resource] = (used[resource] ?? 0) + amount;
	return used;
}

function offsets(lengths: readonly number[]): Int32Array {
	const start = new Int32Array(lengths.length + 1);
	lengths.forEach((length, index) => {
		start[index + 1] = (start[index] ?? 0) + length;
	});
	return start;
}

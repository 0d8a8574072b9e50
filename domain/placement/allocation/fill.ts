import type { CompactProblem } from "#domain/placement/allocation/compact-problem.ts";

/** Who has which option, always within the limits. */
export class Filling {
	readonly problem: CompactProblem;
	/** By item. */
	readonly chosen: Int32Array;
	/** As shares of the limits. */
	readonly used: Float64Array;
	costMs = 0;

	/** Everybody stays. */
	constructor(problem: CompactProblem) {
		this.problem = problem;
		this.chosen = problem.start.slice(0, problem.items);
		this.used = new Float64Array(problem.resources);
		for (const option of this.chosen) {
			problem.use(option, 1, this.used);
			this.costMs += problem.costMs[option] ?? 0;
		}
	}

	/** What the item would save with another option; negative: it would lose. */
	savingMs(item: number, option: number): number {
		return (this.problem.costMs[this.chosen[item] ?? 0] ?? 0) - (this.problem.costMs[option] ?? 0);
	}

	/** Gives the item the option. The caller looks whether it still fits, and may give back. */
	give(item: number, option: number): void {
		this.costMs -= this.savingMs(item, option);
		this.problem.use(this.chosen[item] ?? 0, -1, this.used);
		this.problem.use(option, 1, this.used);
		this.chosen[item] = option;
	}

	/** Gives the item the option if it fits. */
	tryGive(item: number, option: number): boolean {
		const before = this.chosen[item] ?? 0;
		this.give(item, option);
		if (this.problem.fits(this.used)) return true;
		this.give(item, before);
		return false;
	}
}

/** Serves items by what they gain at the prices, each with the option that is cheapest at them among those that fit and save something. */
export function fillAtPrices(problem: CompactProblem, prices: Float64Array): Filling {
	const filling = new Filling(problem);
	const gains = new Float64Array(problem.items);
	for (let item = 0; item < problem.items; item += 1) gains[item] = gainAt(problem, item, prices);
	const order = [...gains.keys()].sort((a, b) => (gains[b] ?? 0) - (gains[a] ?? 0) || a - b);
	for (const item of order) {
		for (const option of optionsByPrice(problem, item, prices)) {
			if (option === filling.chosen[item]) break;
			if (filling.savingMs(item, option) > 0 && filling.tryGive(item, option)) break;
		}
	}
	return filling;
}

function gainAt(problem: CompactProblem, item: number, prices: Float64Array): number {
	const first = problem.start[item] ?? 0;
	let least = Number.POSITIVE_INFINITY;
	for (let option = first; option < (problem.start[item + 1] ?? 0); option += 1) least = Math.min(least, problem.pricedMs(option, prices));
	return problem.pricedMs(first, prices) - least;
}

export function optionsByPrice(problem: CompactProblem, item: number, prices: Float64Array): readonly number[] {
	const first = problem.start[item] ?? 0;
	const options = Array.from({ length: (problem.start[item + 1] ?? 0) - first }, (_, index) => first + index);
	return options.sort((a, b) => problem.pricedMs(a, prices) - problem.pricedMs(b, prices) || a - b);
}

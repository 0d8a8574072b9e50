import type { CompactProblem } from "#domain/placement/allocation/compact-problem.ts";
import type { Dual } from "#domain/placement/allocation/dual-ascent.ts";
import { Filling, optionsByPrice } from "#domain/placement/allocation/fill.ts";

/** Nodes visited, at most: exact for a dozen partitions; for thousands the prices alone are near enough. */
const NODES = 2_000_000;

/**
 * Looks for an allocation that is cheaper by more than `toleranceMs`, branch by branch, leaving out what the prices prove to be no better.
 *
 * @returns the best found, or undefined where there is none or the nodes ran out before one was found
 */
export function searchBetter(problem: CompactProblem, dual: Dual, belowMs: number, toleranceMs: number): Filling | undefined {
	return new Search(problem, dual, toleranceMs).run(belowMs);
}

class Search {
	readonly #problem: CompactProblem;
	readonly #tolerance: number;
	/** Items, the ones with most at stake first, and their options, cheapest at the prices first. */
	readonly #order: readonly number[];
	readonly #options: readonly (readonly number[])[];
	readonly #priced: Float64Array;
	/** What the items from a depth on cost at least, prices included, less what the limits are worth. */
	readonly #rest: Float64Array;
	/** What the items from a depth on take at least of each resource. */
	readonly #restUsed: Float64Array;
	readonly #used: Float64Array;
	readonly #path: Int32Array;
	#best: Int32Array | undefined;
	#below = 0;
	#nodes = 0;

	constructor(problem: CompactProblem, { prices }: Dual, toleranceMs: number) {
		this.#problem = problem;
		this.#tolerance = toleranceMs;
		this.#priced = Float64Array.from(problem.costMs, (_, option) => problem.pricedMs(option, prices));
		const sorted = Array.from({ length: problem.items }, (_, item) => optionsByPrice(problem, item, prices));
		const stake = sorted.map((options) => (this.#priced[options[1] ?? options[0] ?? 0] ?? 0) - (this.#priced[options[0] ?? 0] ?? 0));
		this.#order = [...sorted.keys()].sort((a, b) => (stake[b] ?? 0) - (stake[a] ?? 0) || a - b);
		this.#options = this.#order.map((item) => sorted[item] ?? []);
		this.#rest = new Float64Array(problem.items + 1);
		this.#rest[problem.items] = -prices.reduce((sum, price) => sum + price, 0);
		this.#restUsed = new Float64Array((problem.items + 1) * problem.resources);
		this.#used = new Float64Array(problem.resources);
		this.#path = new Int32Array(problem.items);
		this.#sumRests();
	}

	run(belowMs: number): Filling | undefined {
		this.#below = belowMs;
		this.#visit(0, 0, 0);
		if (this.#best === undefined) return undefined;
		const filling = new Filling(this.#problem);
		this.#best.forEach((option, depth) => {
			filling.give(this.#order[depth] ?? 0, option);
		});
		return filling;
	}

	#sumRests(): void {
		const { items, resources } = this.#problem;
		const used = new Float64Array(resources);
		for (let depth = items - 1; depth >= 0; depth -= 1) {
			const options = this.#options[depth] ?? [];
			this.#rest[depth] = (this.#rest[depth + 1] ?? 0) + (this.#priced[options[0] ?? 0] ?? 0);
			const least = new Float64Array(resources).fill(Number.POSITIVE_INFINITY);
			for (const option of options) {
				used.fill(0);
				this.#problem.use(option, 1, used);
				for (let resource = 0; resource < resources; resource += 1) least[resource] = Math.min(least[resource] ?? 0, used[resource] ?? 0);
			}
			for (let resource = 0; resource < resources; resource += 1)
				this.#restUsed[depth * resources + resource] = (this.#restUsed[(depth + 1) * resources + resource] ?? 0) + (least[resource] ?? 0);
		}
	}

	#visit(depth: number, costMs: number, pricedMs: number): void {
		if (depth === this.#problem.items) {
			if (costMs >= this.#below - this.#tolerance) return;
			this.#below = costMs;
			this.#best = this.#path.slice();
			return;
		}
		for (const option of this.#options[depth] ?? []) {
			if (this.#nodes >= NODES) return;
			const priced = pricedMs + (this.#priced[option] ?? 0);
			// the options that follow are dearer still
			if (priced + (this.#rest[depth + 1] ?? 0) >= this.#below - this.#tolerance) return;
			this.#nodes += 1;
			this.#problem.use(option, 1, this.#used);
			this.#path[depth] = option;
			if (this.#hasRoom(depth + 1)) this.#visit(depth + 1, costMs + (this.#problem.costMs[option] ?? 0), priced);
			this.#problem.use(option, -1, this.#used);
		}
	}

	#hasRoom(depth: number): boolean {
		const { resources } = this.#problem;
		for (let resource = 0; resource < resources; resource += 1)
			if ((this.#used[resource] ?? 0) + (this.#restUsed[depth * resources + resource] ?? 0) > 1 + 1e-9) return false;
		return true;
	}
}

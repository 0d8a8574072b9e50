import type { CompactProblem } from "#domain/placement/allocation/compact-problem.ts";

const ITERATIONS = 200;
/** Steps without a better bound after which steps are halved. */
const PATIENCE = 8;
const LEAST_STEP = 1e-4;

/** Prices and what they prove. */
export interface Dual {
	/** By resource, ms x accesses for its whole limit; at least 0. */
	readonly prices: Float64Array;
	/** No allocation within the limits costs less. */
	readonly boundMs: number;
}

/**
 * Raises the prices of what is asked for too much and lowers those of what is left over, until partitions that choose for themselves at these
 * prices ask for about what there is: subgradient ascent on the Lagrangian dual with Polyak's steps. Deterministic.
 *
 * @param incumbentMs the cost of some allocation, the cheaper the better: the steps aim at it
 * @param onPrices told of the prices now and then, so that allocations can be made of them; returns the cheapest cost known
 * @see M. L. Fisher, The Lagrangian Relaxation Method for Solving Integer Programming Problems (1981), section 4
 */
export function ascendPrices(problem: CompactProblem, incumbentMs: number, onPrices: (prices: Float64Array) => number): Dual {
	const { resources } = problem;
	const prices = new Float64Array(resources);
	const used = new Float64Array(resources);
	let best: Dual = { prices: prices.slice(), boundMs: Number.NEGATIVE_INFINITY };
	let target = incumbentMs;
	let step = 1;
	let idle = 0;
	for (let iteration = 0; iteration < ITERATIONS && step > LEAST_STEP; iteration += 1) {
		const boundMs = choose(problem, prices, used);
		if (boundMs > best.boundMs) {
			best = { prices: prices.slice(), boundMs };
			idle = 0;
		} else {
			idle += 1;
			if (idle >= PATIENCE) {
				step /= 2;
				idle = 0;
				prices.set(best.prices);
				continue;
			}
		}
		if (isReported(iteration)) target = Math.min(target, onPrices(prices));
		const gap = target - best.boundMs;
		const norm = excessNorm(prices, used);
		if (norm === 0 || gap <= 1e-9 * Math.abs(target)) break;
		for (let resource = 0; resource < resources; resource += 1)
			prices[resource] = Math.max(0, (prices[resource] ?? 0) + (step * (target - boundMs) * ((used[resource] ?? 0) - 1)) / norm);
	}
	onPrices(best.prices);
	return best;
}

/** Often at first, when prices change most. */
const isReported = (iteration: number): boolean => iteration < 4 || iteration % 10 === 0;

/** Everybody takes the option that is cheapest at these prices. @returns the bound that this proves; fills what is asked for, as shares of the limits */
function choose(problem: CompactProblem, prices: Float64Array, used: Float64Array): number {
	used.fill(0);
	let boundMs = 0;
	for (const price of prices) boundMs -= price;
	for (let item = 0; item < problem.items; item += 1) {
		const option = cheapestAt(problem, item, prices);
		boundMs += problem.pricedMs(option, prices);
		problem.use(option, 1, used);
	}
	return boundMs;
}

/** The item's option that costs least at these prices; the first of equals. */
export function cheapestAt(problem: CompactProblem, item: number, prices: Float64Array): number {
	let best = problem.start[item] ?? 0;
	let least = problem.pricedMs(best, prices);
	for (let option = best + 1; option < (problem.start[item + 1] ?? 0); option += 1) {
		const costMs = problem.pricedMs(option, prices);
		if (costMs < least) {
			best = option;
			least = costMs;
		}
	}
	return best;
}

/** Squared length of what is asked for beyond the limits; what is left over counts only where there is a price to lower. */
function excessNorm(prices: Float64Array, used: Float64Array): number {
	let norm = 0;
	for (let resource = 0; resource < prices.length; resource += 1) {
		const excess = (used[resource] ?? 0) - 1;
		if (excess > 0 || (prices[resource] ?? 0) > 0) norm += excess * excess;
	}
	return norm;
}

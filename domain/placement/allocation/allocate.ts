import { CompactProblem } from "#domain/placement/allocation/compact-problem.ts";
import { ascendPrices } from "#domain/placement/allocation/dual-ascent.ts";
import { Filling, fillAtPrices } from "#domain/placement/allocation/fill.ts";
import { improve } from "#domain/placement/allocation/improve.ts";
import type { Allocation, AllocationProblem } from "#domain/placement/allocation/problem.ts";
import { searchBetter } from "#domain/placement/allocation/search.ts";

/** The share of the saving that may be given away for a shorter search. */
const TOLERANCE = 0.005;
/** Up to so many partitions, every allocation made on the way is improved pair by pair, not only the last. */
const MAX_IMPROVED = 100;
/** With more partitions than this, a search branch by branch finds nothing that prices do not. */
const MAX_SEARCHED = 2_000;

/**
 * Gives scarce capacity to those who gain most by it: prices by dual ascent, allocations at these prices, improved pair by pair, and a bounded
 * search where they leave a gap to what the prices prove. Always within the limits, never dearer than to stay. Pure and deterministic.
 *
 * @throws AssertionError where even staying exceeds a limit
 */
export function allocate(given: AllocationProblem): Allocation {
	const problem = new CompactProblem(given);
	const stayMs = new Filling(problem).costMs;
	let best = new Filling(problem);
	const consider = (candidate: Filling | undefined): void => {
		if (candidate !== undefined && candidate.costMs < best.costMs) best = candidate;
	};
	const dual = ascendPrices(problem, stayMs, (prices) => {
		const candidate = fillAtPrices(problem, prices);
		if (problem.items <= MAX_IMPROVED) improve(candidate);
		consider(candidate);
		return best.costMs;
	});
	const isOpen = (): boolean => best.costMs - dual.boundMs > TOLERANCE * (stayMs - best.costMs);
	if (isOpen()) improve(best);
	if (isOpen() && problem.items <= MAX_SEARCHED)
		consider(searchBetter(problem, dual, best.costMs, TOLERANCE * Math.max(0, stayMs - best.costMs)));
	return {
		chosen: Array.from(best.chosen, (option) => problem.given[option] ?? 0),
		costMs: best.costMs,
		boundMs: Math.min(dual.boundMs, best.costMs),
		prices: given.limits.map((limit, resource) => (limit > 0 ? (dual.prices[resource] ?? 0) / limit : 0)),
	};
}

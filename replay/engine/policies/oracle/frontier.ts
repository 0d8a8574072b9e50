import type { States } from "#replay/engine/policies/oracle/states.ts";

/** A change on a path: in `state` from `hour` on. Immutable, so that paths share their beginnings. */
export interface Step {
	readonly hour: number;
	readonly state: number;
	readonly before: Step | undefined;
}

/** The least cost in ms x accesses with which a partition stands in each state, Infinity where it cannot, and how it came there. */
export class Frontier {
	readonly costs: Float64Array;
	readonly paths: (Step | undefined)[];

	constructor(size: number) {
		this.costs = new Float64Array(size).fill(Number.POSITIVE_INFINITY);
		this.paths = new Array<Step | undefined>(size).fill(undefined);
	}

	take(state: number, cost: number, path: Step | undefined): void {
		this.costs[state] = cost;
		this.paths[state] = path;
	}

	/** Takes what is cheaper in another one. @returns whether anything was */
	merge(other: Frontier): boolean {
		let improved = false;
		for (let state = 0; state < this.costs.length; state += 1) {
			const cost = other.costs[state] ?? 0;
			if (cost >= (this.costs[state] ?? 0)) continue;
			this.take(state, cost, other.paths[state]);
			improved = true;
		}
		return improved;
	}

	/** @param ms what the hour costs in each state */
	add(ms: Float64Array): void {
		for (let state = 0; state < this.costs.length; state += 1) this.costs[state] = (this.costs[state] ?? 0) + (ms[state] ?? 0);
	}

	/** Lets the leadership go to another member of each set where that is cheaper. */
	transfer({ table: { copies, size } }: States, hour: number, chargeMs: number): void {
		for (let set = 0; set < size; set += 1) {
			const best = cheapestOf(this.costs, set * copies, copies);
			const cost = (this.costs[best] ?? 0) + chargeMs;
			const before = this.paths[best];
			for (let state = set * copies; state < (set + 1) * copies; state += 1) {
				if (cost < (this.costs[state] ?? 0)) this.take(state, cost, { hour, state, before });
			}
		}
	}
}

/** The index of the least of `count` numbers from `from` on, the first of several. */
export function cheapestOf(costs: Float64Array, from: number, count: number): number {
	let best = from;
	for (let at = from + 1; at < from + count; at += 1) if ((costs[at] ?? 0) < (costs[best] ?? 0)) best = at;
	return best;
}

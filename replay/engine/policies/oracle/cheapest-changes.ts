import { cheapestOf } from "#replay/engine/policies/oracle/frontier.ts";
import type { Neighbours, States } from "#replay/engine/policies/oracle/states.ts";
import type { ReplaySettings } from "#replay/result/replay-result.ts";

/** The cheapest change from any state to each, at one hour: any number of copies, and the leadership at most once, as policies are charged. */
export class CheapestChanges {
	readonly #states: States;
	readonly #moveCostMs: number;
	readonly #transferCostMs: number;
	/** By state, of the costs looked at last: the least cost after a change or none, and the state that it comes from. */
	readonly costs: Float64Array;
	readonly origins: Int32Array;
	/** The same of sets, whoever led before. */
	readonly #setCosts: Float64Array;
	readonly #setOrigins: Int32Array;

	constructor(states: States, { moveCostMs, transferCostMs }: ReplaySettings) {
		this.#states = states;
		this.#moveCostMs = moveCostMs;
		this.#transferCostMs = transferCostMs;
		this.costs = new Float64Array(states.size);
		this.origins = new Int32Array(states.size);
		this.#setCosts = new Float64Array(states.table.size);
		this.#setOrigins = new Int32Array(states.table.size);
	}

	/** @param from costs by state before the change */
	search(from: Float64Array): void {
		const { copies } = this.#states.table;
		// no set is dearer than all copies of the cheapest made anew
		const setBound = (from[cheapestOf(from, 0, from.length)] ?? 0) + copies * this.#moveCostMs;
		this.costs.set(from);
		for (let state = 0; state < from.length; state += 1) this.origins[state] = state;
		this.#spread(this.costs, this.origins, this.#states.swaps, copies === 1 ? setBound : setBound + this.#transferCostMs);
		if (copies > 1) this.#searchWithTransfer(from, setBound);
	}

	#searchWithTransfer(from: Float64Array, bound: number): void {
		const { copies, size } = this.#states.table;
		for (let set = 0; set < size; set += 1) {
			const best = cheapestOf(from, set * copies, copies);
			this.#setCosts[set] = from[best] ?? 0;
			this.#setOrigins[set] = best;
		}
		this.#spread(this.#setCosts, this.#setOrigins, this.#states.setSwaps, bound);
		for (let state = 0; state < from.length; state += 1) {
			const set = this.#states.set(state);
			const cost = (this.#setCosts[set] ?? 0) + this.#transferCostMs;
			if (cost >= (this.costs[state] ?? 0)) continue;
			this.costs[state] = cost;
			this.origins[state] = this.#setOrigins[set] ?? 0;
		}
	}

	/** One copy after another, until nothing gets cheaper. */
	#spread(costs: Float64Array, origins: Int32Array, { of, each }: Neighbours, bound: number): void {
		for (let changed = true; changed; ) {
			changed = false;
			for (let at = 0; at < costs.length; at += 1) {
				const cost = (costs[at] ?? 0) + this.#moveCostMs;
				if (!(cost <= bound)) continue;
				for (let neighbour = at * each; neighbour < (at + 1) * each; neighbour += 1) {
					const other = of[neighbour] ?? 0;
					if (cost >= (costs[other] ?? 0)) continue;
					costs[other] = cost;
					origins[other] = origins[at] ?? 0;
					changed = true;
				}
			}
		}
	}
}

import { LEAD_HOURS } from "#domain/prediction/settings.ts";
import { coolDownHours } from "#replay/engine/cool-down.ts";
import { CheapestChanges } from "#replay/engine/policies/oracle/cheapest-changes.ts";
import { cheapestOf, Frontier, type Step } from "#replay/engine/policies/oracle/frontier.ts";
import type { States } from "#replay/engine/policies/oracle/states.ts";
import type { ReplayWorld } from "#replay/engine/world.ts";

/** The accesses of a partition in one hour. */
export interface ActiveHour {
	readonly hour: number;
	/** Cells of the trace. */
	readonly cells: readonly number[];
}

/** States that were come to by a change of the set, and may be left by another from `freeHour` on. */
interface Layer {
	readonly freeHour: number;
	readonly frontier: Frontier;
}

/**
 * Finds the cheapest path of a partition through its active hours: dynamic programming over the states that may change now, with the states
 * that must wait in layers of their own. Between two active hours a change is best made as soon as it may be, since the next is free the
 * earlier for it: at the first hour, or when a layer's waiting is over.
 */
export class CheapestPath {
	readonly #world: ReplayWorld;
	readonly #states: States;
	readonly #changes: CheapestChanges;
	/** Hours between two changes of a set. */
	readonly #dwellHours: number;
	readonly #hourMs: Float64Array;
	readonly #leastMs: Float64Array;
	#free: Frontier;
	/** In the order in which they get free. */
	#layers: Layer[] = [];

	constructor(world: ReplayWorld, states: States) {
		this.#world = world;
		this.#states = states;
		this.#changes = new CheapestChanges(states, world.settings);
		this.#dwellHours = coolDownHours(world.settings) + LEAD_HOURS;
		this.#hourMs = new Float64Array(states.size);
		this.#leastMs = new Float64Array(states.size);
		this.#free = new Frontier(states.size);
	}

	/** @param firstChangeHour in which a change may be in force for the first time @returns the changes in order of time, at most one an hour */
	find(hours: readonly ActiveHour[], start: number, firstChangeHour: number): readonly Step[] {
		this.#free = new Frontier(this.#states.size);
		this.#free.take(start, 0, undefined);
		this.#layers = [];
		let fromHour = firstChangeHour;
		for (const { hour, cells } of hours) {
			this.#change(fromHour, hour);
			if (hour >= firstChangeHour) this.#transfer(hour);
			this.#serve(cells);
			fromHour = Math.max(hour + 1, firstChangeHour);
		}
		for (const { frontier } of this.#layers) this.#free.merge(frontier);
		return stepsOf(this.#free.paths[cheapestOf(this.#free.costs, 0, this.#states.size)]);
	}

	/** Lets sets change from `fromHour` on, `toHour` included. */
	#change(fromHour: number, toHour: number): void {
		for (let hour = fromHour; hour <= toHour; hour = this.#layers[0]?.freeHour ?? Number.POSITIVE_INFINITY) {
			const improved = this.#release(hour);
			if (hour === fromHour || improved) this.#addLayer(hour);
		}
	}

	/** @returns whether there is a state that is free at less cost than before */
	#release(hour: number): boolean {
		let improved = false;
		while ((this.#layers[0]?.freeHour ?? Number.POSITIVE_INFINITY) <= hour) {
			const layer = this.#layers.shift();
			if (layer !== undefined) improved = this.#free.merge(layer.frontier) || improved;
		}
		return improved;
	}

	/** Changes that lead to a state at no less cost than one that may be left as early are of no use. */
	#addLayer(hour: number): void {
		this.#changes.search(this.#free.costs);
		this.#findLeast();
		let frontier: Frontier | undefined;
		for (let state = 0; state < this.#states.size; state += 1) {
			const cost = this.#changes.costs[state] ?? 0;
			if (cost >= (this.#leastMs[state] ?? 0)) continue;
			frontier ??= new Frontier(this.#states.size);
			frontier.take(state, cost, { hour, state, before: this.#free.paths[this.#changes.origins[state] ?? 0] });
		}
		if (frontier !== undefined) this.#layers.push({ freeHour: hour + this.#dwellHours, frontier });
	}

	#findLeast(): void {
		this.#leastMs.set(this.#free.costs);
		for (const { frontier } of this.#layers) {
			for (let state = 0; state < this.#leastMs.length; state += 1) {
				this.#leastMs[state] = Math.min(this.#leastMs[state] ?? 0, frontier.costs[state] ?? 0);
			}
		}
	}

	#transfer(hour: number): void {
		if (this.#states.table.copies === 1) return;
		const { transferCostMs } = this.#world.settings;
		this.#free.transfer(this.#states, hour, transferCostMs);
		for (const { frontier } of this.#layers) frontier.transfer(this.#states, hour, transferCostMs);
	}

	#serve(cells: readonly number[]): void {
		const { region, count } = this.#world.trace.cells;
		const { size, expectedMs } = this.#states;
		this.#hourMs.fill(0);
		for (const cell of cells) {
			const from = (region[cell] ?? 0) * size;
			const accesses = count[cell] ?? 0;
			for (let state = 0; state < size; state += 1) {
				this.#hourMs[state] = (this.#hourMs[state] ?? 0) + accesses * (expectedMs[from + state] ?? 0);
			}
		}
		this.#free.add(this.#hourMs);
		for (const { frontier } of this.#layers) frontier.add(this.#hourMs);
	}
}

/** Several changes in one hour are one: where the last of them leads. */
function stepsOf(last: Step | undefined): readonly Step[] {
	const steps: Step[] = [];
	for (let step = last; step !== undefined; step = step.before) if (step.hour !== steps.at(-1)?.hour) steps.push(step);
	return steps.reverse();
}

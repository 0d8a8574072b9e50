import type { Account } from "#replay/engine/accounting/account.ts";
import type { ReplayWorld } from "#replay/engine/world.ts";

/** The cost alone, for comparing many settings of a rule. */
export class CostAccount implements Account {
	readonly #world: ReplayWorld;
	readonly #fromHour: number;
	readonly #belowHour: number;
	#ms = 0;
	#accesses = 0;

	/** Counts from `fromHour` on, before `belowHour`. */
	constructor(world: ReplayWorld, fromHour = world.scoredFromHour, belowHour = Number.POSITIVE_INFINITY) {
		this.#world = world;
		this.#fromHour = fromHour;
		this.#belowHour = belowHour;
	}

	serve(cell: number, set: number, leader: number): void {
		const { cells } = this.#world.trace;
		const hour = cells.hour[cell] ?? 0;
		if (!this.#counts(hour)) return;
		const count = cells.count[cell] ?? 0;
		this.#ms += count * this.#world.expectedMs(cells.region[cell] ?? 0, set, leader);
		this.#accesses += count;
	}

	copied(_partition: number, hour: number, copies: number): void {
		if (this.#counts(hour)) this.#ms += copies * this.#world.settings.moveCostMs;
	}

	transferred(_partition: number, hour: number): void {
		if (this.#counts(hour)) this.#ms += this.#world.settings.transferCostMs;
	}

	/** Mean round-trip time and charges, ms an access; NaN where there was none. */
	get costMs(): number {
		return this.#ms / this.#accesses;
	}

	#counts(hour: number): boolean {
		return hour >= this.#fromHour && hour < this.#belowHour;
	}
}

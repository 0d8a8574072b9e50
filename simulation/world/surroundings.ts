import type { Rates } from "#simulation/scenario.ts";
import type { VirtualTime } from "#simulation/virtual-time.ts";
import type { Network } from "#simulation/world/network.ts";

/** What every actor of a run shares. */
export interface Surroundings {
	readonly time: VirtualTime;
	readonly network: Network;
	/** All zero once the run has been healed. */
	readonly rates: Rates;
	readonly faults: FaultCount;
	/** Takes a line of the timeline, where one is wanted. */
	readonly trace: (line: () => string) => void;
}

/** How many faults of each kind have happened. */
export class FaultCount {
	readonly #byKind = new Map<string, number>();

	count(kind: string): void {
		this.#byKind.set(kind, (this.#byKind.get(kind) ?? 0) + 1);
	}

	get total(): number {
		return [...this.#byKind.values()].reduce((sum, n) => sum + n, 0);
	}
}

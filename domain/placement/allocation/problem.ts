/** How much of a limited resource an option takes: a copy in a region, a move of the interval's budget, bytes. */
export interface ResourceUse {
	/** Index into `AllocationProblem.limits`. */
	readonly resource: number;
	/** In the resource's own unit, at least 0. */
	readonly amount: number;
}

/** One way to place a partition. */
export interface AllocationOption {
	/** What it costs while the decision holds, in ms of round-trip time times accesses, charges for moves included. */
	readonly costMs: number;
	readonly uses: readonly ResourceUse[];
}

/** Partitions that want more than there is. */
export interface AllocationProblem {
	/** By partition its options, at least one. The first is to stay: all first options together never exceed a limit. */
	readonly items: readonly (readonly AllocationOption[])[];
	/** By resource what there is of it, at least 0. */
	readonly limits: readonly number[];
}

/** Who gets what. */
export interface Allocation {
	/** By partition the index of its option. */
	readonly chosen: readonly number[];
	readonly costMs: number;
	/** No allocation within the limits costs less. */
	readonly boundMs: number;
	/** By resource what one more unit of it would save, in ms x accesses; 0 where it is not scarce. */
	readonly prices: readonly number[];
}

/** How many samples each part of the benchmark `migration` takes. */
export interface MigrationBenchSizes {
	/** Partitions that move at the same time, each with a writer of its own. */
	readonly lanes: number;
	/** Moves of each of them, there and back in turn. */
	readonly moves: number;
	/** Items of a partition that moves, beside the one that is written all the time. */
	readonly items: number;
	/** Items of the small and of the large partition whose pauses are compared. */
	readonly small: number;
	readonly large: number;
	/** Transfers of leadership of each of these two. */
	readonly transfers: number;
	/** Copies of a partition into a new region, and BatchWrite loops over the same items. */
	readonly copies: number;
	/** Items of such a copy. */
	readonly copyItems: number;
	/** Steady writes and bare updates. */
	readonly warmUp: number;
	readonly writes: number;
}

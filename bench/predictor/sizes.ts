export interface PredictorBenchSizes {
	/** Partitions that are forecast, ascending, each ten times the last. */
	readonly partitions: readonly number[];
	/** Partitions whose states stream through a file, ascending, each ten times the last. */
	readonly streamed: readonly number[];
	/** Windows that a pool is fitted to. */
	readonly windows: number;
	/** Partitions placed. */
	readonly placed: number;
	/** Accesses replayed. */
	readonly accesses: number;
	readonly rounds: number;
}

/** Regions of every measurement. */
export const REGIONS = 9;

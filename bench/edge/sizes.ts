/** How much each part of the benchmark `edge` does. */
export interface EdgeBenchSizes {
	/** Requests before those that are counted. */
	readonly warmUp: number;
	/** Samples of the interceptor, each the mean of `batch` requests. */
	readonly samples: number;
	readonly batch: number;
	/** Routes in the cache, ascending. */
	readonly routes: readonly number[];
	readonly lookUps: number;
	readonly imports: number;
	/** Requests through the local edge: one at a time, and `atOnce` at a time. */
	readonly requests: number;
	readonly atOnce: number;
	readonly rounds: number;
}

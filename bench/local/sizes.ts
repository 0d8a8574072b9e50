/** How many samples each part of the benchmark `local` takes. */
export interface LocalBenchSizes {
	/** Calls and requests that warm up and are not counted. */
	readonly warmUp: number;
	/** Calls and requests that are, of each kind. */
	readonly calls: number;
	readonly coldStarts: number;
	readonly cloudStarts: number;
	/** Where a cloud is started; the first alone serves for the rest. */
	readonly regions: readonly string[];
}

import assert from "node:assert";

/** The middle sample, or the mean of the two middle ones. @throws AssertionError without samples */
export function median(samples: readonly number[]): number {
	const sorted = samples.toSorted((a, b) => a - b);
	const upper = sorted[Math.floor(sorted.length / 2)];
	const lower = sorted[Math.floor((sorted.length - 1) / 2)];
	assert(upper !== undefined && lower !== undefined, "no samples");
	return (lower + upper) / 2;
}

/** The smallest sample that at least `share` (0..1) of the samples do not exceed: nearest rank, no interpolation. @throws AssertionError without samples */
export function percentile(samples: readonly number[], share: number): number {
	const sorted = samples.toSorted((a, b) => a - b);
	const found = sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
	assert(found !== undefined, "no samples");
	return found;
}

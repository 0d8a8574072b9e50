import * as z from "zod";

/** Buckets a doubling: a quantile read from it is at most 19 % too high. */
const PER_DOUBLING = 4;
/** The last bucket ends at 2^(67/4) ms, nearly two minutes: longer than any answer takes. */
const LAST_BUCKET = 67;

/** Bucket index -> samples. Bucket i holds what took at most 2^(i/4) ms and more than the bucket before; the last one holds the rest. */
export const latencyHistogramSchema = z.record(z.string(), z.int().min(1));
export type LatencyHistogram = Readonly<z.infer<typeof latencyHistogramSchema>>;

/** The bucket of a latency in ms, 0..67. */
export const bucketIndexOf = (ms: number): number =>
	Math.min(LAST_BUCKET, Math.max(0, Math.ceil(PER_DOUBLING * Math.log2(Math.max(ms, 1)))));

/** The longest latency, in ms, that a bucket holds. */
export const upperBoundMs = (index: number): number => 2 ** (index / PER_DOUBLING);

/** Both together: adding up is all that merging takes. */
export function mergeHistograms(a: LatencyHistogram, b: LatencyHistogram): LatencyHistogram {
	const merged: Record<string, number> = { ...a };
	for (const [index, count] of Object.entries(b)) merged[index] = (merged[index] ?? 0) + count;
	return merged;
}

export const samplesIn = (histogram: LatencyHistogram): number => Object.values(histogram).reduce((sum, count) => sum + count, 0);

/** The latency in ms that a share `quantile` (0..1) of the samples does not exceed, rounded up to its bucket's bound; undefined where there are none. */
export function quantileMs(histogram: LatencyHistogram, quantile: number): number | undefined {
	const samples = samplesIn(histogram);
	if (samples === 0) return undefined;
	const rank = Math.max(1, Math.ceil(samples * quantile));
	const indexes = Object.keys(histogram)
		.map(Number)
		.sort((a, b) => a - b);
	let seen = 0;
	for (const index of indexes) {
		seen += histogram[index] ?? 0;
		if (seen >= rank) return upperBoundMs(index);
	}
	return undefined;
}

/** Samples that certainly took longer than `limitMs`: those of its own bucket get the benefit of the doubt. */
export function samplesAbove(histogram: LatencyHistogram, limitMs: number): number {
	const limit = bucketIndexOf(limitMs);
	return Object.entries(histogram).reduce((sum, [index, count]) => (Number(index) > limit ? sum + count : sum), 0);
}

/** No region is ever impossible: the least probability of a forecast. */
export const FLOOR = 1e-4;

export const sum = (values: ArrayLike<number>): number =>
	Array.prototype.reduce.call(values, (total, value) => (total as number) + (value as number), 0) as number;

/** Scales to sum 1; all zeros become uniform. */
export function normalise(values: readonly number[]): number[] {
	const total = sum(values);
	return total > 0 ? values.map((value) => value / total) : values.map(() => 1 / values.length);
}

/** `(counts + strength x prior) / (n + strength)`: counts drawn towards a prior that weighs as much as `strength` accesses. */
export function shrink(counts: readonly number[], prior: readonly number[], strength: number): number[] {
	const total = sum(counts) + strength;
	return counts.map((count, index) => (count + strength * (prior[index] ?? 0)) / total);
}

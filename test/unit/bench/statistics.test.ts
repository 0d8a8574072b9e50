import { expect, test } from "vitest";
import { summarize } from "#bench/benchmark.ts";
import { median, percentile } from "#bench/statistics.ts";

test("the median is the middle sample, or the mean of the two middle ones", () => {
	expect(median([3, 1, 2])).toBe(2);
	expect(median([4, 1, 3, 2])).toBe(2.5);
	expect(() => median([])).toThrow();
});

test("a percentile is a sample that was taken", () => {
	const samples = Array.from({ length: 200 }, (_, index) => 200 - index);
	expect(percentile(samples, 0.99)).toBe(198);
	expect(percentile([7], 0.99)).toBe(7);
	expect(percentile([7, 9], 0)).toBe(7);
	expect(() => percentile([], 0.99)).toThrow();
});

test("a result compares medians and keeps what it was made of", () => {
	const samples = { metric: "m", unit: "ms", values: [6, 5, 9], baselineOf: "b", baselineValues: [2, 4, 3] } as const;
	expect(summarize("n", samples)).toEqual({
		name: "n",
		metric: "m",
		value: 6,
		p99: 9,
		unit: "ms",
		baseline: 3,
		baselineP99: 4,
		baselineOf: "b",
		ratio: 2,
		target: null,
		targetOf: null,
		targetIs: null,
		meets: null,
		values: [6, 5, 9],
		baselineValues: [2, 4, 3],
	});
});

test("a target bounds the median, the p99 or the ratio from above or below", () => {
	const samples = { metric: "m", unit: "ms", values: [6, 5, 9], baselineOf: "b", baselineValues: [2, 4, 3] } as const;
	for (const [of, measured] of [
		["value", 6],
		["p99", 9],
		["ratio", 2],
	] as const) {
		const meets = (is: "at most" | "at least", limit: number): boolean | null =>
			summarize("n", { ...samples, target: { of, is, limit } }).meets;
		expect([meets("at most", measured), meets("at most", measured - 0.1)]).toEqual([true, false]);
		expect([meets("at least", measured), meets("at least", measured + 0.1)]).toEqual([true, false]);
	}
});

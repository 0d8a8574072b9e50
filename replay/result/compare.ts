import type { PolicyName, PolicyResult, ReplayResult } from "#replay/result/replay-result.ts";

/** What is known of the difference between two policies. */
export interface Comparison {
	/** costMs of the other minus costMs of the one: positive, the one is better. */
	readonly savingMs: number;
	/** 95 % interval of `savingMs`. */
	readonly interval: readonly [low: number, high: number];
	/** What the interval carries: `unclear` where it holds zero. */
	readonly finding: "better" | "worse" | "unclear";
}

type Policies = ReplayResult["policies"];

/**
 * Compares two policies by `costMs`. The paired interval is used where there is one; else the widest that the two intervals allow, which
 * claims less. Undefined where one of them was not replayed.
 */
export function comparePolicies(policies: Policies, one: PolicyName, other: PolicyName): Comparison | undefined {
	const [a, b] = [policies[one], policies[other]];
	if (a === undefined || b === undefined) return undefined;
	const savingMs = b.costMs - a.costMs;
	const interval = a.savingOver?.[other] ?? mirrored(b.savingOver?.[one]) ?? widest(a, b);
	return { savingMs, interval, finding: findingOf(savingMs, interval) };
}

/** The mean must lie on the same side as the whole interval: else nothing is claimed. */
function findingOf(savingMs: number, [low, high]: readonly [number, number]): Comparison["finding"] {
	if (savingMs > 0 && low > 0 && high > 0) return "better";
	return savingMs < 0 && low < 0 && high < 0 ? "worse" : "unclear";
}

const mirrored = (interval: readonly [number, number] | undefined): readonly [number, number] | undefined =>
	interval === undefined ? undefined : [-interval[1], -interval[0]];

const widest = (a: PolicyResult, b: PolicyResult): readonly [number, number] => [
	b.interval[0] - a.interval[1],
	b.interval[1] - a.interval[0],
];

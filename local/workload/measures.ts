import { Counter } from "#local/workload/judge.ts";

/** What the workload measured so far; times in ms, shares 0..1. */
export interface Measures {
	readonly servedByLeaderRegion: number;
	readonly servedNear: number;
	readonly servedByRegion: Record<string, number>;
	readonly meanRttMs: number | null;
	readonly p50RttMs: number | null;
	readonly p95RttMs: number | null;
	readonly staticMeanRttMs: number | null;
	readonly meanElapsedMs: number | null;
}

/** Measures from the durable counters. */
export function measuresOf(counters: ReadonlyMap<string, number>): Measures {
	const at = (name: string): number => counters.get(name) ?? 0;
	const mean = (sum: string, n: string): number | null => (at(n) === 0 ? null : at(sum) / at(n));
	const answered = at(Counter.Requests) - at(Counter.Errors);
	const buckets = prefixed(counters, "rtt:").map(([ms, n]) => [Number(ms), n] as const);
	return {
		servedByLeaderRegion: mean(Counter.ServedByLeader, Counter.Placed) ?? 0,
		servedNear: mean(Counter.ServedNear, Counter.Placed) ?? 0,
		servedByRegion: Object.fromEntries(prefixed(counters, "served:")),
		meanRttMs: mean(Counter.RttMs, Counter.Measured),
		p50RttMs: quantile(buckets, 0.5),
		p95RttMs: quantile(buckets, 0.95),
		staticMeanRttMs: mean(Counter.StaticRttMs, Counter.StaticMeasured),
		meanElapsedMs: answered === 0 ? null : at(Counter.ElapsedMs) / answered,
	};
}

const prefixed = (counters: ReadonlyMap<string, number>, prefix: string): [string, number][] =>
	[...counters].filter(([name]) => name.startsWith(prefix)).map(([name, n]) => [name.slice(prefix.length), n]);

/** The smallest value that at least `share` of all do not exceed; null for none. */
function quantile(buckets: readonly (readonly [value: number, n: number])[], share: number): number | null {
	const total = buckets.reduce((sum, [, n]) => sum + n, 0);
	let below = 0;
	for (const [value, n] of buckets.toSorted(([a], [b]) => a - b)) {
		below += n;
		if (below >= share * total) return value;
	}
	return null;
}

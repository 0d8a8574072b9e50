import type { FullAccount } from "#replay/engine/accounting/full-account.ts";
import { activityClasses } from "#replay/engine/scoring/activity-classes.ts";
import type { ReplayWorld } from "#replay/engine/world.ts";
import type { MonthResult, PolicyResult } from "#replay/result/replay-result.ts";

const HOURS_PER_DAY = 24;

/** What of a result follows from one policy's account alone. */
export type OwnResult = Omit<PolicyResult, "captureOfOracle" | "regretMs" | "interval" | "savingOver" | "usdPerMonth">;

export function ownResult({ trace, table }: ReplayWorld, account: FullAccount, description: string): OwnResult {
	const volume = sum(account.accesses);
	const meanRttMs = sum(account.rttMs) / volume;
	const [p50Ms = Number.NaN, p95Ms = Number.NaN, p99Ms = Number.NaN] = quantiles(account.served, table.rttMs, [0.5, 0.95, 0.99]);
	return {
		description,
		meanRttMs,
		p50Ms,
		p95Ms,
		p99Ms,
		nearShare: nearShare(account.served, trace.regions.length) / volume,
		copies: sum(account.heldIn) / volume,
		moves: account.moves,
		transfers: account.transfers,
		costMs: meanRttMs + sum(account.chargedMs) / volume,
		byActivity: activityClasses(account),
		byMonth: months(account),
		leadersByHour: Object.fromEntries(trace.regions.map((region, index) => [region, leaderShares(account.ledBy, index)])),
	};
}

export const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);

/** The least round-trip time that each share of the accesses does not exceed. */
function quantiles(served: Float64Array, rttMs: Float64Array, shares: readonly number[]): readonly number[] {
	const pairs = [...served.keys()].filter((pair) => (served[pair] ?? 0) > 0).sort((a, b) => (rttMs[a] ?? 0) - (rttMs[b] ?? 0));
	const volume = sum(served);
	return shares.map((share) => {
		let passed = 0;
		for (const pair of pairs) {
			passed += served[pair] ?? 0;
			if (passed >= share * volume) return rttMs[pair] ?? Number.NaN;
		}
		return rttMs[pairs.at(-1) ?? 0] ?? Number.NaN;
	});
}

function nearShare(served: Float64Array, regions: number): number {
	let near = 0;
	for (let region = 0; region < regions; region += 1) near += served[region * regions + region] ?? 0;
	return near;
}

const months = (account: FullAccount): readonly MonthResult[] =>
	[...account.months]
		.sort(([a], [b]) => a - b)
		.map(([month, { accesses, rttMs }]) => ({
			month: `${String(Math.floor(month / 12)).padStart(4, "0")}-${String((month % 12) + 1).padStart(2, "0")}`,
			accesses,
			meanRttMs: rttMs / accesses,
		}));

/** By hour of the day, the share of the accesses of that hour that this region led; 0 where an hour has none. */
function leaderShares(ledBy: Float64Array, region: number): readonly number[] {
	return Array.from({ length: HOURS_PER_DAY }, (_, hour) => {
		let total = 0;
		for (let at = hour; at < ledBy.length; at += HOURS_PER_DAY) total += ledBy[at] ?? 0;
		return total === 0 ? 0 : (ledBy[region * HOURS_PER_DAY + hour] ?? 0) / total;
	});
}

import type { FullAccount } from "#replay/engine/accounting/full-account.ts";
import { activityClasses, type OwnClass } from "#replay/engine/scoring/activity-classes.ts";
import { nearShare, quantiles, sum } from "#replay/engine/scoring/served.ts";
import type { ReplayWorld } from "#replay/engine/world.ts";
import type { MonthResult, PolicyResult } from "#replay/result/replay-result.ts";

const HOURS_PER_DAY = 24;

/** What of a result follows from one policy's account alone. */
export interface OwnResult
	extends Omit<PolicyResult, "captureOfOracle" | "regretMs" | "interval" | "savingOver" | "usdPerMonth" | "byActivity"> {
	readonly byActivity: readonly OwnClass[];
}

export function ownResult(world: ReplayWorld, account: FullAccount, description: string): OwnResult {
	const { trace, table } = world;
	const volume = sum(account.accesses);
	const meanRttMs = sum(account.rttMs) / volume;
	const [p50Ms = Number.NaN, p95Ms = Number.NaN, p99Ms = Number.NaN] = quantiles(account.served, table.rttMs, [0.5, 0.95, 0.99]);
	return {
		description,
		meanRttMs,
		p50Ms,
		p95Ms,
		p99Ms,
		nearShare: nearShare(account.served, trace.regions.length),
		copies: sum(account.heldIn) / volume,
		moves: account.moves,
		transfers: account.transfers,
		costMs: meanRttMs + sum(account.chargedMs) / volume,
		byActivity: activityClasses(world, account),
		byMonth: months(account),
		leadersByHour: Object.fromEntries(trace.regions.map((region, index) => [region, leaderShares(account.ledBy, index)])),
	};
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

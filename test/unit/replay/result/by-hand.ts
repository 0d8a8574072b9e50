import { regionId } from "#domain/geography/region-id.ts";
import type { PolicyResult, ReplayResult } from "#replay/result/replay-result.ts";
import { verdictOf } from "#replay/result/verdict.ts";

const DAY_MS = 86_400_000;
const FROM = Date.UTC(2022, 0);

/** A policy's result with what a test says, and plain values for the rest. */
export const policy = (change: Partial<PolicyResult>): PolicyResult => ({
	description: "does as it is told",
	meanRttMs: (change.costMs ?? 50) - 1,
	p50Ms: 20,
	p95Ms: 180,
	p99Ms: 240,
	nearShare: 0.5,
	copies: 1,
	moves: 0,
	transfers: 0,
	costMs: 50,
	usdPerMonth: null,
	captureOfOracle: 0,
	regretMs: 10,
	interval: [(change.costMs ?? 50) - 5, (change.costMs ?? 50) + 5],
	byActivity: [],
	byMonth: [],
	leadersByHour: {},
	...change,
});

/** Two years of which the second is scored. */
export function replayOf(policies: ReplayResult["policies"], change: Partial<ReplayResult> = {}): ReplayResult {
	const findings = {
		trace: "access.csv.gz",
		rows: 89_669,
		rowsSkipped: { "ambiguous-tz": 5_417 },
		settings: {
			regions: ["us-east-1", "eu-west-1", "ap-northeast-1"].map(regionId),
			copies: 1,
			moveCostMs: 100,
			transferCostMs: 1,
			readShare: 0,
			scoreFrom: 0.5,
			seed: 1,
			rtt: "modelled",
		},
		span: { fromMs: FROM, scoredFromMs: FROM + 365 * DAY_MS, toMs: FROM + 730 * DAY_MS },
		partitions: 812,
		accesses: 42_126,
		policies,
		forecast: {},
		outcomes: [],
		...change,
	} as const;
	return { ...findings, verdict: verdictOf(findings) };
}

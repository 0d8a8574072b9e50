import { regionId } from "#domain/geography/region-id.ts";
import { PolicyName, type PolicyResult, type ReplayResult } from "#replay/result/replay-result.ts";
import { policy, replayOf } from "#test/unit/replay/result/by-hand.ts";

const REGIONS = [
	"us-west-2",
	"us-east-1",
	"sa-east-1",
	"eu-west-1",
	"eu-central-1",
	"ap-south-1",
	"ap-southeast-1",
	"ap-northeast-1",
	"ap-southeast-2",
].map(regionId);
const COSTS: Readonly<Record<PolicyName, number>> = {
	[PolicyName.StaticRegion]: 70.9,
	[PolicyName.StaticPartition]: 56.2,
	[PolicyName.FullReplication]: 36.4,
	[PolicyName.Reactive]: 43.1,
	[PolicyName.ReactiveHindsight]: 41.4,
	[PolicyName.Predictive]: 37.9,
	[PolicyName.Oracle]: 25.6,
};
const NAMES = Object.values(PolicyName);

/** Demand that follows the sun: a bump at each region's working hours. */
const leaders = Object.fromEntries(
	REGIONS.map((region, index) => [
		region,
		Array.from({ length: 24 }, (_, hour) => Math.max(0, Math.cos(((hour - index * 2.7) * Math.PI) / 12)) ** 3 / 3),
	]),
);

function samplePolicy(name: PolicyName): PolicyResult {
	const costMs = COSTS[name];
	return policy({
		description: `what ${name} does, with its parameters`,
		costMs,
		interval: [costMs - 6, costMs + 7],
		savingOver: Object.fromEntries(NAMES.map((other) => [other, [COSTS[other] - costMs - 1.2, COSTS[other] - costMs + 1.1]])),
		nearShare: 1 - costMs / 90,
		copies: name === PolicyName.FullReplication ? 9 : name === PolicyName.StaticRegion ? 1 : 2.9,
		moves: 812,
		transfers: 12_310,
		usdPerMonth: costMs * 3,
		captureOfOracle: (56.2 - costMs) / (56.2 - 25.6),
		regretMs: costMs - 25.6,
		byMonth: Array.from({ length: 26 }, (_, index) => ({
			month: new Date(Date.UTC(2022, index)).toISOString().slice(0, 7),
			accesses: 900 + index * 31,
			meanRttMs: costMs * (1 + 0.15 * Math.sin(index / 2 + costMs)),
		})),
		byActivity: [0, 10, 100, 1000].map((from, index, all) => ({
			from,
			below: all[index + 1] ?? null,
			partitions: 4000 / 4 ** index,
			accesses: 9000 * (index + 1),
			meanRttMs: costMs * (1.3 - index * 0.2),
			p50Ms: 20,
			p95Ms: 180,
			p99Ms: 240,
			nearShare: 0.5,
			costMs: costMs * (1.3 - index * 0.2),
			regretMs: (costMs - 25.6) * (1.3 - index * 0.2),
			moves: 203,
			transfers: 3_078,
		})),
		leadersByHour: leaders,
	});
}

const score = (spread: number) => ({
	logLoss: 0.911 + spread,
	brier: 0.42 + spread,
	ece: 0.021 + spread / 10,
	windows: 18_211,
	reliability: Array.from({ length: 10 }, (_, index) => ({
		from: index / 10,
		below: (index + 1) / 10,
		predicted: index / 10 + 0.05,
		observed: Math.min(1, Math.max(0, index / 10 + 0.05 + spread * Math.sin(index))),
		weight: 4000 / (index + 1),
	})),
});

/** A result as a log would give it, with these partitions among the winners and losers. */
export const sampleResult = (
	partitions: readonly string[] = ["src:mainboard:amd", "src:soc:intel", "payloads"],
	trace = "../shared/traces/git_coreboot/trace.csv.gz",
): ReplayResult => {
	const settings = {
		regions: REGIONS,
		copies: 3,
		moveCostMs: 100,
		transferCostMs: 1,
		readShare: 0.5,
		scoreFrom: 0.5,
		seed: 1,
		rtt: "measured",
	} as const;
	return replayOf(Object.fromEntries(NAMES.map((name) => [name, samplePolicy(name)])), {
		trace,
		settings,
		forecast: { "168h": score(0.08), "6h": score(0.02), "24h": score(0.05) },
		outcomes: partitions.map((partition, index) => ({
			partition,
			accesses: 100 * (index + 1),
			gainMs: partitions.length / 2 - index - 0.25,
		})),
	});
};

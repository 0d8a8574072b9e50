import { type RegionId, regionId } from "#domain/geography/region-id.ts";
import { seededRandom } from "#domain/shared/seeded-random.ts";
import { PolicyName, type PolicyResult, type ReplayResult } from "#replay/result/replay-result.ts";
import { verdictOf } from "#replay/result/verdict.ts";
import fc from "#test/__helpers__/fast-check.ts";

const REGIONS = ["us-west-2", "us-east-1", "sa-east-1", "eu-west-1", "eu-central-1", "ap-south-1", "ap-northeast-1"].map(regionId);
const NAMES = Object.values(PolicyName);
const share = fc.double({ min: 0, max: 1, noNaN: true });
const ms = (max: number) => fc.double({ min: 0, max, noNaN: true });
const interval = (low: number, high: number) =>
	fc.tuple(fc.double({ min: low, max: high, noNaN: true }), ms(30)).map(([from, width]) => [from, from + width] as const);

/** Details that no rule depends on are drawn from one number, which keeps a run cheap. */
const drawn = <T>(draw: (random: () => number) => T): fc.Arbitrary<T> => fc.nat().map((seed) => draw(seededRandom(seed)));
const upTo = (random: () => number, most: number): number => Math.floor(random() * (most + 1));
const times = <T>(n: number, make: (index: number) => T): T[] => Array.from({ length: n }, (_, index) => make(index));

const months = drawn((random) =>
	times(upTo(random, 30), (index) => ({
		month: new Date(Date.UTC(2021, index)).toISOString().slice(0, 7),
		accesses: upTo(random, 9999),
		meanRttMs: random() * 200,
	})),
);
const classes = drawn((random) => {
	const edges = times(1 + upTo(random, 4), (index) => (index === 0 ? 0 : 10 ** index));
	return edges.map((from, index) => ({
		from,
		below: edges[index + 1] ?? null,
		partitions: upTo(random, 9999),
		accesses: upTo(random, 1e6),
		meanRttMs: random() * 200,
		p50Ms: random() * 200,
		p95Ms: random() * 300,
		p99Ms: random() * 400,
		nearShare: random(),
		costMs: random() * 220,
		regretMs: random() * 100,
		moves: upTo(random, 9999),
		transfers: upTo(random, 9999),
	}));
});
const leaders = drawn(
	(random) => Object.fromEntries(REGIONS.map((region) => [region, times(24, () => random())])) as Record<RegionId, number[]>,
);

const policyResult: fc.Arbitrary<PolicyResult> = fc.record({
	description: fc.string({ maxLength: 60 }),
	meanRttMs: ms(200),
	p50Ms: ms(200),
	p95Ms: ms(300),
	p99Ms: ms(400),
	nearShare: share,
	copies: fc.double({ min: 1, max: 9, noNaN: true }),
	moves: fc.nat(100_000),
	transfers: fc.nat(1_000_000),
	costMs: ms(220),
	usdPerMonth: fc.option(ms(100_000)),
	captureOfOracle: fc.double({ min: -3, max: 1, noNaN: true }),
	regretMs: ms(100),
	interval: interval(0, 200),
	savingOver: fc.dictionary(fc.constantFrom(...NAMES), interval(-30, 30)),
	byActivity: classes,
	byMonth: months,
	leadersByHour: leaders,
});

const forecast = drawn((random) => ({
	logLoss: random() * 5,
	brier: random() * 2,
	ece: random(),
	windows: upTo(random, 1e6),
	reliability: times(upTo(random, 10), (index) => ({
		from: index / 10,
		below: (index + 1) / 10,
		predicted: random(),
		observed: random(),
		weight: upTo(random, 9999),
	})),
}));

/** Any result, possible or not: with each policy or without, in any order of merit. */
export const replayResult: fc.Arbitrary<ReplayResult> = fc
	.record({
		trace: fc.string({ maxLength: 40 }),
		rows: fc.nat(1e8),
		rowsSkipped: fc.dictionary(fc.constantFrom("bad-row", "bad-time", "no-partition"), fc.nat(1e6)),
		settings: fc.record({
			regions: fc.constant(REGIONS),
			copies: fc.integer({ min: 1, max: 5 }),
			moveCostMs: ms(1000),
			transferCostMs: ms(100),
			readShare: share,
			scoreFrom: share,
			seed: fc.nat(),
			rtt: fc.constantFrom("measured", "modelled"),
		}),
		span: fc
			.tuple(fc.integer({ min: 1e12, max: 2e12 }), fc.nat(1e11), fc.nat(1e11))
			.map(([fromMs, train, score]) => ({ fromMs, scoredFromMs: fromMs + train, toMs: fromMs + train + score })),
		partitions: fc.nat(1e7),
		accesses: fc.nat(1e9),
		policies: fc.record(Object.fromEntries(NAMES.map((name) => [name, policyResult])), { requiredKeys: [] }),
		forecast: fc.dictionary(fc.constantFrom("6h", "24h", "168h"), forecast),
		outcomes: fc.array(
			fc.record({
				partition: fc.string({ unit: "binary" }),
				accesses: fc.nat(1e6),
				gainMs: fc.double({ min: -100, max: 100, noNaN: true }),
			}),
			{
				maxLength: 12,
			},
		),
		verdict: fc.constant(""),
	})
	.map((result) => ({ ...(result as ReplayResult), verdict: verdictOf(result as ReplayResult) }));

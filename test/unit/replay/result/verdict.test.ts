import { describe, expect, it } from "vitest";
import { PolicyName, type PolicyResult } from "#replay/result/replay-result.ts";
import { verdictOf } from "#replay/result/verdict.ts";
import { policy, replayOf } from "#test/unit/replay/result/by-hand.ts";

const { StaticRegion, StaticPartition, FullReplication, Reactive, ReactiveHindsight, Predictive } = PolicyName;

/** Paired intervals of +-1 ms around the differences to `others`. */
const sharp = (costMs: number, others: Readonly<Partial<Record<PolicyName, number>>>, rest: Partial<PolicyResult> = {}): PolicyResult =>
	policy({
		costMs,
		savingOver: Object.fromEntries(Object.entries(others).map(([name, cost]) => [name, [cost - costMs - 1, cost - costMs + 1]])),
		...rest,
	});

const region = policy({ costMs: 70.9, nearShare: 0.31, copies: 1, usdPerMonth: 12 });
const partition = sharp(60, { [StaticRegion]: 70.9 });
const reactive = sharp(45, { [StaticRegion]: 70.9, [StaticPartition]: 60 }, { moves: 10, transfers: 90 });
const hindsight = policy({ costMs: 42 });

describe("the sentence", () => {
	it("turns forecasts on where they beat the best reactive rule", () => {
		const predictive = sharp(
			38,
			{ [StaticRegion]: 70.9, [StaticPartition]: 60, [Reactive]: 45, [ReactiveHindsight]: 42 },
			{ moves: 812, transfers: 2310, nearShare: 0.64, copies: 2.94, usdPerMonth: 30.4 },
		);
		const policies = { [StaticRegion]: region, [Reactive]: reactive, [ReactiveHindsight]: hindsight, [Predictive]: predictive };
		expect(verdictOf(replayOf(policies))).toBe(
			"Turn on predictive placement (placement.follow: hours): it saves 32.9 ms an access (46.4 %; 95 % interval 31.9 to 33.9 ms) against one region for all and 4.0 ms " +
				"(9.5 %; 3.0 to 5.0 ms) against the best reactive rule in hindsight; 64 % of accesses are answered near instead of 31 %. It costs " +
				"812 moves and 2,310 transfers of leadership in 365 days, 2.9 copies a partition, $30 a month at list prices instead of $12.",
		);
	});

	it("names how certain a saving has to be where that is not what a deployment asks for anyway", () => {
		const predictive = sharp(38, { [StaticRegion]: 70.9 });
		const said = (minZScore: number): string => verdictOf(replayOf({ [StaticRegion]: region, [Predictive]: predictive }, { minZScore }));
		expect(said(1.5)).toMatch(/^Turn on predictive placement \(placement\.follow: hours, placement\.minZScore: 1\.5\): it saves/);
		expect(said(1)).toMatch(/^Turn on predictive placement \(placement\.follow: hours\): it saves/);
	});

	it("says that forecasts gain nothing over the best reactive rule, where the interval leaves it open, and what they have over it", () => {
		const predictive = sharp(41.5, { [StaticRegion]: 70.9, [StaticPartition]: 60, [Reactive]: 45, [ReactiveHindsight]: 42 });
		const policies = {
			[StaticRegion]: region,
			[StaticPartition]: partition,
			[Reactive]: reactive,
			[ReactiveHindsight]: hindsight,
			[Predictive]: predictive,
		};
		const verdict = verdictOf(replayOf(policies));
		expect(verdict).toMatch(
			/^Prediction does not help here: no difference to the best reactive rule in hindsight is shown \(95 % interval of the saving -0\.50 to 1\.50 ms\)\. That rule is known only afterwards; forecasts need no tuning\. Turn on predictive placement \(placement\.follow: hours\): it saves 29\.4 ms/,
		);
	});

	it("says so where it is worse", () => {
		const predictive = sharp(47, { [StaticRegion]: 70.9, [ReactiveHindsight]: 42 });
		const policies = { [StaticRegion]: region, [Reactive]: reactive, [ReactiveHindsight]: hindsight, [Predictive]: predictive };
		expect(verdictOf(replayOf(policies))).toMatch(
			/^Prediction does not help here: the best reactive rule in hindsight is 5\.0 ms an access better\./,
		);
	});

	it("never advises what another policy that can be turned on is shown to beat", () => {
		const predictive = sharp(41.5, { [StaticRegion]: 70.9, [ReactiveHindsight]: 40 });
		const verdict = verdictOf(replayOf({ [StaticRegion]: region, [ReactiveHindsight]: policy({ costMs: 40 }), [Predictive]: predictive }));
		expect(verdict).toMatch(/^Prediction does not help here: the best reactive rule in hindsight is 1\.5 ms an access better\./);
		expect(verdict).toMatch(
			/forecasts need no tuning\. Turn on predictive placement .*: it saves 29\.4 ms an access .* against one region for all;/,
		);
	});

	it("stays with what is simplest, where no difference to the cheapest is shown", () => {
		const predictive = sharp(70.5, { [StaticRegion]: 70.9, [Reactive]: 71 });
		const policies = { [StaticRegion]: region, [Reactive]: sharp(71, { [StaticRegion]: 70.9 }), [Predictive]: predictive };
		expect(verdictOf(replayOf(policies))).toMatch(/Stay with one region: nothing else that was replayed is shown to be better\.$/);
	});

	it("advises the reactive rule only where the forecasts are shown to cost more", () => {
		const said = (costMs: number): string => {
			const predictive = sharp(costMs, { [StaticRegion]: 70.9, [Reactive]: 45 });
			return verdictOf(replayOf({ [StaticRegion]: region, [Reactive]: reactive, [Predictive]: predictive }));
		};
		expect(said(45.5)).toMatch(
			/^Prediction does not help here: no difference to a rule that follows past accesses is shown .* Turn on predictive placement/,
		);
		expect(said(47)).toMatch(
			/^Prediction does not help here: a rule that follows past accesses is 2\.0 ms an access better\. Turn on reactive placement:/,
		);
	});

	it("names the rule that the back-test preferred to forecasts", () => {
		const follows = { setMemoryHours: 336, setThreshold: 0.5, minZScore: 2, leaderMemoryHours: 6, leaderThreshold: 0 };
		const predictive = sharp(38, { [StaticRegion]: 70.9 });
		expect(verdictOf(replayOf({ [StaticRegion]: region, [Predictive]: predictive }, { follows }))).toMatch(
			/^Prediction does not help here: in the part of the log that trains, it would have cost more than following past accesses\. Turn on reactive placement \(follows past accesses: copies by 14 d \(x 0\.5, z > 2\), leader by 6 h \(x 0\)\): it saves 32\.9 ms/,
		);
	});

	it.each([
		[1, /Intervals come from resampling partitions, of which there is 1: they say little here\.$/],
		[9, /of which there are 9: they say little here\.$/],
		[10, /^((?!resampling).)*$/],
	])("says that intervals from %i partitions say little, if so", (partitions, sentence) => {
		const predictive = sharp(38, { [StaticRegion]: 70.9 });
		expect(verdictOf(replayOf({ [StaticRegion]: region, [Predictive]: predictive }, { partitions }))).toMatch(sentence);
	});

	it("says that limits bound forecasts only", () => {
		const predictive = sharp(38, { [StaticRegion]: 70.9 });
		const limited = replayOf({ [StaticRegion]: region, [Predictive]: predictive });
		const verdict = verdictOf({ ...limited, settings: { ...limited.settings, copiesPerHour: 2 } });
		expect(verdict).toMatch(/Only forecasts were held to the limits that were given; nothing else was\.$/);
		expect(limited.verdict).not.toContain("limits");
	});

	it("calls free moves a bound", () => {
		const predictive = sharp(38, { [StaticRegion]: 70.9 }, { moves: 9 });
		const free = replayOf({ [StaticRegion]: region, [Predictive]: predictive });
		const verdict = verdictOf({ ...free, settings: { ...free.settings, moveCostMs: 0 } });
		expect(verdict).toMatch(/Moves were replayed as free, which none is: this is a bound, and nothing to turn on\.$/);
	});

	it("says that not even a second copy pays", () => {
		const two = { copies: 2 };
		const policies = {
			[StaticRegion]: region,
			[StaticPartition]: sharp(70.5, { [StaticRegion]: 70.9 }, two),
			[ReactiveHindsight]: sharp(71, { [StaticRegion]: 70.9 }, two),
			[Predictive]: sharp(71, { [StaticRegion]: 70.9, [ReactiveHindsight]: 71 }, two),
		};
		const verdict = verdictOf({ ...replayOf(policies), settings: { ...replayOf(policies).settings, copies: 2 } });
		expect(verdict).toMatch(/Stay with one region: nothing else that was replayed is shown to be better\. Not even a second copy pays\.$/);
	});

	it.each<[readonly [number, number], RegExp]>([
		[
			[10, 14],
			/Against one copy by a rule that follows past accesses, the copies save 12\.0 ms an access \(95 % interval 10\.0 to 14\.0 ms\), for \$30 a month instead of \$11\.$/,
		],
		[
			[-1, 25],
			/A second copy does not pay: no difference to one copy by a rule that follows past accesses is shown \(95 % interval of the saving -1\.0 to 25\.0 ms\)\.$/,
		],
		[[-9, -1], /A second copy does not pay: one copy by a rule that follows past accesses is 5\.0 ms an access better\.$/],
	])("holds more copies against one: saved %j", (interval, sentence) => {
		const [low, high] = interval;
		const policies = { [StaticRegion]: region, [Reactive]: { ...reactive, copies: 2.9, usdPerMonth: 30 } };
		const costMs = 45 + (high < 0 ? (low + high) / 2 : 12);
		const oneCopy = { policy: Reactive, meanRttMs: 57, costMs, usdPerMonth: 11, savedBy: { [Reactive]: interval } };
		expect(verdictOf(replayOf(policies, { oneCopy }))).toMatch(sentence);
	});

	it("says that money is told by an assumption", () => {
		const policies = { [StaticRegion]: region, [Reactive]: { ...reactive, usdPerMonth: 30 } };
		const assumed = replayOf(policies, { sizes: "assumed" });
		const verdict = verdictOf({ ...assumed, settings: { ...assumed.settings, objectBytes: 2048 } });
		expect(verdict).toMatch(
			/\$30 a month at list prices instead of \$12 \(taking objects to have 2,048 bytes, which the log does not tell\)\.$/,
		);
	});

	it("says of how many regions prices are assumed", () => {
		const assumedPrices = ["storageGbMonth sa-east-1", "writeUnit ap-south-1", "writeUnit sa-east-1"];
		const policies = { [StaticRegion]: region, [Reactive]: { ...reactive, usdPerMonth: 30, assumedPrices } };
		expect(verdictOf(replayOf(policies))).toMatch(/\$30 a month at list prices \(those of 2 regions assumed upwards\) instead of \$12\.$/);
	});

	it("names prices of one's own", () => {
		const policies = { [StaticRegion]: region, [Reactive]: { ...reactive, usdPerMonth: 30 } };
		const given = replayOf(policies);
		const prices = { asOf: "2026-11-01", source: "our agreement", prices: {} };
		expect(verdictOf({ ...given, settings: { ...given.settings, prices } })).toMatch(/\$30 a month at our agreement instead of \$12\.$/);
	});

	it("weighs a copy everywhere by what it costs", () => {
		const everywhere = sharp(20, { [StaticRegion]: 70.9, [Reactive]: 45 }, { copies: 9, usdPerMonth: 140 });
		const policies = { [StaticRegion]: region, [Reactive]: { ...reactive, copies: 2.9 }, [FullReplication]: everywhere };
		expect(verdictOf(replayOf(policies))).toMatch(
			/A copy in every region would save 25\.0 ms an access more, at 9\.0 copies a partition instead of 2\.9, \$140 a month\.$/,
		);
	});

	it.each([
		[{}, "No policy that could be turned on was replayed, so there is nothing to advise."],
		[{ [Predictive]: policy({}) }, "Nothing was replayed with which forecasts could be compared."],
		[{ [StaticRegion]: region }, "Nothing was replayed with which one region for all could be compared."],
	])("advises nothing where there is nothing to compare", (policies, expected) => expect(verdictOf(replayOf(policies))).toBe(expected));
});

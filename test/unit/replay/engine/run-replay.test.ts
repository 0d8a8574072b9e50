import { describe, expect, it } from "vitest";
import { HOUR_MS } from "#domain/prediction/hours.ts";
import type { PriceOverrides } from "#domain/pricing/overrides.ts";
import { Priced } from "#domain/pricing/price-table.ts";
import { PUBLISHED_PRICES } from "#domain/pricing/published-prices.ts";
import { seededRandom } from "#domain/shared/seeded-random.ts";
import { BUILT_IN } from "#predictor/models/artefact.ts";
import { runReplay } from "#replay/engine/run-replay.ts";
import { PolicyName, type ReplayResult } from "#replay/result/replay-result.ts";
import { type Access, RTT_MS, settingsOf, traceOf } from "#test/property/replay/engine/traces.ts";

/** Offices of three regions that hand each partition over in the course of the day, weekdays and all. */
function followTheSun(days: number): readonly Access[] {
	const random = seededRandom(3);
	const list: Access[] = [];
	for (let hour = 0; hour < days * 24; hour += 1) {
		for (const partition of ["a:x", "a:y", "b:z", "b:w"]) {
			if (random() > 0.35) continue;
			const shift = Math.floor((hour % 24) / 8);
			const region = random() < 0.9 ? [3, 1, 0][shift] : Math.floor(random() * 4);
			list.push({ hour, partition, region: region ?? 0, count: 1 + Math.floor(random() * 3) });
		}
	}
	return list;
}

const replay = (over = {}, policies: readonly PolicyName[] = Object.values(PolicyName)) =>
	runReplay(traceOf(followTheSun(40)), settingsOf({ copies: 3, ...over }), RTT_MS, { name: "sun", policies });

const FREE = Object.fromEntries(Object.values(Priced).map((priced) => [priced, { everywhere: 0 }]));

describe("runReplay", () => {
	const result = replay();
	const policy = (name: PolicyName) => result.policies[name];

	it("plays every policy and says what follows", () => {
		expect(Object.keys(result.policies).sort()).toEqual(Object.values(PolicyName).sort());
		expect(Object.keys(result.forecast)).toEqual(["6h", "24h", "168h"]);
		expect(result.verdict.length).toBeGreaterThan(20);
	});

	it("foresees hand-overs that a rule on past accesses can only follow", () => {
		expect(policy("predictive")?.costMs).toBeLessThan(0.9 * (policy("reactive-hindsight")?.costMs ?? 0));
		expect(policy("predictive")?.transfers).toBeGreaterThan(40);
		expect(policy("predictive")?.captureOfOracle).toBeGreaterThan(0.5);
	});

	it("bounds every policy that can be run by the oracle", () => {
		for (const name of ["static-region", "static-partition", "reactive", "reactive-hindsight", "predictive"] as const) {
			expect(policy(name)?.costMs).toBeGreaterThanOrEqual(policy("oracle")?.costMs ?? Number.POSITIVE_INFINITY);
			expect(policy(name)?.regretMs).toBeCloseTo((policy(name)?.costMs ?? 0) - (policy("oracle")?.costMs ?? 0), 9);
		}
		expect(policy("oracle")?.captureOfOracle).toBe(1);
		expect(policy("static-partition")?.captureOfOracle).toBe(0);
	});

	it("plays one copy beside more, and tells money by an assumed size", () => {
		expect(result.oneCopy?.costMs).toBeGreaterThan(policy("static-partition")?.costMs ?? Number.POSITIVE_INFINITY);
		expect(Object.keys(result.oneCopy?.savedBy ?? {}).sort()).toEqual(Object.values(PolicyName).sort());
		expect([result.sizes, policy("predictive")?.usdPerMonth]).toEqual(["unknown", null]);
		const single = replay({ copies: 1, objectBytes: 1024 }, [PolicyName.StaticPartition]);
		expect([single.oneCopy, single.sizes]).toEqual([undefined, "assumed"]);
		expect(single.policies["static-partition"]?.usdPerMonth).toBeGreaterThan(0);
	});

	it("tells money by prices of one's own", () => {
		const usd = (prices?: PriceOverrides) =>
			replay({ copies: 1, objectBytes: 1024, ...(prices === undefined ? {} : { prices }) }, [PolicyName.StaticPartition]).policies[
				"static-partition"
			]?.usdPerMonth ?? 0;
		const ours = { asOf: "2026-11-01", source: "ours" };
		expect(usd({ ...ours, prices: {} })).toBeCloseTo(usd(), 12);
		expect(usd({ ...ours, prices: { storageGbMonth: { everywhere: 0 } } })).toBeLessThan(usd());
		expect(usd({ ...ours, prices: { storageGbMonth: { everywhere: 100 } } })).toBeGreaterThan(usd());
	});

	it("charges moves and transfers for what they ask for, and stores what was written before the scored part as well", () => {
		const priced = (prices: PriceOverrides["prices"], over = {}) => {
			const given = { asOf: "2026-11-01", source: "ours", prices: { ...FREE, ...prices } };
			return replay({ objectBytes: 1024, prices: given, ...over }, [PolicyName.StaticPartition]);
		};
		const usd = ({ policies }: ReplayResult, name: PolicyName): number => policies[name]?.usdPerMonth ?? Number.NaN;
		expect(usd(priced({}), PolicyName.Oracle)).toBe(0);
		const moved = priced({ stateTransition: { everywhere: 1_000_000 } });
		const { moves = 0, transfers = 0 } = moved.policies.oracle ?? {};
		const months = (moved.span.toMs - moved.span.scoredFromMs) / HOUR_MS / 730;
		expect(moves + transfers).toBeGreaterThan(0);
		const perTransition = 1_000_000 / PUBLISHED_PRICES.rows.stateTransition.per;
		expect(usd(moved, PolicyName.Oracle)).toBeCloseTo((45 * (moves + transfers) * perTransition) / months, 3);
		expect(usd(moved, PolicyName.StaticPartition)).toBe(0);
		const stored = { storageGbMonth: { everywhere: 1 } };
		const whole = usd(priced(stored), PolicyName.StaticPartition);
		expect(whole).toBeGreaterThan(0);
		expect(usd(priced(stored, { scoreFrom: 0.9 }), PolicyName.StaticPartition)).toBeCloseTo(whole, 12);
		const onlyRead = usd(priced(stored, { readShare: 1 }), PolicyName.StaticPartition);
		expect(onlyRead).toBeGreaterThan(0);
		expect(onlyRead).toBeLessThan(whole);
	});

	it("plays a model that is ready in place of one trained on the log, and names it", () => {
		const model = { ...BUILT_IN, name: "mine", parameters: { model: "persistence", version: 1 } } as const;
		const played = runReplay(traceOf(followTheSun(40)), settingsOf(), RTT_MS, { name: "sun", policies: [PolicyName.Predictive], model });
		expect(played.policies.predictive?.description).toMatch(/, by the model mine$/);
		expect(played.forecast["6h"]?.logLoss).not.toBeCloseTo(result.forecast["6h"]?.logLoss ?? 0, 3);
	});

	it("adds up", () => {
		for (const own of Object.values(result.policies)) {
			expect(own.interval[0]).toBeLessThanOrEqual(own.costMs);
			expect(own.interval[1]).toBeGreaterThanOrEqual(own.costMs);
			expect(own.p50Ms).toBeLessThanOrEqual(own.p95Ms);
			expect(own.p95Ms).toBeLessThanOrEqual(own.p99Ms);
			expect(own.costMs - own.meanRttMs).toBeCloseTo((100 * own.moves + own.transfers) / result.accesses, 9);
			const byClass = own.byActivity.reduce((sum, { accesses, costMs }) => sum + accesses * costMs, 0);
			expect(byClass / result.accesses).toBeCloseTo(own.costMs, 9);
			for (const figure of ["moves", "transfers"] as const)
				expect(own.byActivity.reduce((sum, one) => sum + one[figure], 0)).toBe(own[figure]);
			const mean = (figure: "nearShare" | "regretMs") =>
				own.byActivity.reduce((sum, one) => sum + one.accesses * one[figure], 0) / result.accesses;
			expect(mean("nearShare")).toBeCloseTo(own.nearShare, 9);
			expect(mean("regretMs")).toBeCloseTo(own.regretMs, 9);
			for (const { p50Ms, p95Ms, p99Ms } of own.byActivity)
				expect([p50Ms, p95Ms, p99Ms]).toEqual([p50Ms, p95Ms, p99Ms].sort((a, b) => a - b));
			const byMonth = own.byMonth.reduce((sum, { accesses, meanRttMs }) => sum + accesses * meanRttMs, 0);
			expect(byMonth / result.accesses).toBeCloseTo(own.meanRttMs, 9);
			for (let hour = 0; hour < 24; hour += 1) {
				const shares = Object.values(own.leadersByHour).reduce((sum, hours) => sum + (hours[hour] ?? 0), 0);
				expect(shares).toBeCloseTo(1, 9);
			}
		}
		expect(policy("full-replication")?.copies).toBe(4);
		expect(policy("full-replication")?.moves).toBe(0);
	});

	it("finds the same twice", () => {
		expect(replay()).toEqual(result);
	});

	it("says what a reactive rule follows, and how certain it has to be only where it is asked to", () => {
		expect(policy("reactive")?.description).toBe("follows past accesses: copies by 14 d (x 1), leader by 14 d (x 0.5)");
		const hindsight = replay({ copies: 1, readShare: 0 }, [PolicyName.ReactiveHindsight]).policies["reactive-hindsight"];
		expect(hindsight?.description).toContain("copies by 1 d (x 0.0625, z > 3), leader by 1 d");
	});

	it("plays one copy, whose move is a copy", () => {
		const one = replay({ copies: 1, readShare: 0 });
		expect(one.policies.predictive?.copies).toBe(1);
		expect(one.policies.predictive?.transfers).toBe(0);
	});

	it.each([
		["too short", traceOf(followTheSun(3)), "replay.too-short"],
		["one region", traceOf(followTheSun(40).map((access) => ({ ...access, region: 2 }))), "replay.one-region"],
	])("refuses a log that is %s", (_, trace, code) => {
		expect(() => runReplay(trace, settingsOf(), RTT_MS, { name: "x" })).toThrow(expect.objectContaining({ code }));
	});
});

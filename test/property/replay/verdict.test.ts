import { describe, expect, it } from "vitest";
import { comparePolicies } from "#replay/result/compare.ts";
import { judgeReplay } from "#replay/result/judge.ts";
import { PolicyName, type PolicyResult, type ReplayResult } from "#replay/result/replay-result.ts";
import { verdictOf } from "#replay/result/verdict.ts";
import fc from "#test/__helpers__/fast-check.ts";
import { replayResult } from "#test/unit/replay/result/generated.ts";

const { StaticRegion, StaticPartition, Reactive, ReactiveHindsight, Predictive, FullReplication } = PolicyName;
const RUNS = { numRuns: 200 };

/** The paired interval of `one` over `other`, computed apart from the code under test. */
function lowest({ policies }: ReplayResult, one: PolicyName, other: PolicyName): number {
	const [a, b] = [policies[one], policies[other]];
	if (a === undefined || b === undefined) return Number.NaN;
	const back = b.savingOver?.[one];
	return a.savingOver?.[other]?.[0] ?? (back === undefined ? b.interval[0] - a.interval[1] : -back[1]);
}
const cost = ({ policies }: ReplayResult, name: PolicyName): number => policies[name]?.costMs ?? Number.NaN;

const withCosts = (result: ReplayResult, name: PolicyName, change: Partial<PolicyResult>): ReplayResult => {
	const before = result.policies[name];
	return before === undefined ? result : { ...result, policies: { ...result.policies, [name]: { ...before, ...change } } };
};

describe("the verdict", () => {
	it("is one line of plain words, whatever was found", () => {
		fc.assert(
			fc.property(replayResult, (result) => {
				expect(result.verdict).toMatch(/^[A-Z][^\n\r]*\.$/);
				expect(result.verdict).not.toMatch(/NaN|undefined|null|Infinity|\[object|e[+-]\d/);
			}),
			RUNS,
		);
	});

	it("advises nothing that another policy that can be turned on is shown to beat", () => {
		let seen = 0;
		fc.assert(
			fc.property(replayResult, (result) => {
				const { choice } = judgeReplay(result);
				if (choice === undefined) return;
				for (const other of [StaticRegion, StaticPartition, Reactive, Predictive]) {
					if (comparePolicies(result.policies, other, choice)?.finding === "worse") seen += 1;
					expect(comparePolicies(result.policies, other, choice)?.finding).not.toBe("better");
				}
			}),
			RUNS,
		);
		expect(seen).toBeGreaterThan(5);
	});

	it("says nothing against prediction only where the interval puts it ahead of the best reactive rule and of everything simpler", () => {
		let seen = 0;
		fc.assert(
			fc.property(replayResult, (result) => {
				if (!result.verdict.startsWith("Turn on predictive")) return;
				seen += 1;
				const best = result.policies[ReactiveHindsight] === undefined ? Reactive : ReactiveHindsight;
				for (const rival of [best, StaticPartition, StaticRegion]) {
					if (result.policies[rival] === undefined) continue;
					expect(lowest(result, Predictive, rival)).toBeGreaterThan(0);
					expect(cost(result, Predictive)).toBeLessThan(cost(result, rival));
				}
			}),
			{ numRuns: 1000 },
		);
		expect(seen).toBeGreaterThan(5);
	});

	it("says that prediction does not help whenever it was replayed against a reactive rule and is not ahead of it", () => {
		fc.assert(
			fc.property(replayResult, (result) => {
				fc.pre(result.policies[Predictive] !== undefined && result.policies[ReactiveHindsight] !== undefined);
				const ahead = lowest(result, Predictive, ReactiveHindsight) > 0 && cost(result, Predictive) < cost(result, ReactiveHindsight);
				if (!ahead) expect(result.verdict).toMatch(/^Prediction does not help here: /);
			}),
			RUNS,
		);
	});

	it("claims no difference that its interval does not carry", () => {
		fc.assert(
			fc.property(replayResult, (result) => {
				const { choice, claims, everywhere, prediction } = judgeReplay(result);
				for (const { over, savingMs, interval } of claims) {
					expect(savingMs).toBeGreaterThan(0);
					expect(interval[0]).toBeGreaterThan(0);
					expect(lowest(result, choice as PolicyName, over)).toBeGreaterThan(0);
				}
				if (everywhere !== undefined) expect(lowest(result, FullReplication, choice as PolicyName)).toBeGreaterThan(0);
				if (prediction?.finding === "worse") expect(prediction.interval[1]).toBeLessThan(0);
			}),
			RUNS,
		);
	});

	it("never turns prediction on because prediction got worse", () => {
		fc.assert(
			fc.property(replayResult, fc.double({ min: 0, max: 50, noNaN: true }), (result, lossMs) => {
				const before = result.policies[Predictive];
				if (before === undefined) return;
				const shifted = Object.fromEntries(
					Object.entries(before.savingOver ?? {}).map(([name, [low, high]]) => [name, [low - lossMs, high - lossMs] as const]),
				);
				const [low, high] = before.interval;
				const worse = withCosts(result, Predictive, {
					costMs: before.costMs + lossMs,
					interval: [low + lossMs, high + lossMs],
					savingOver: shifted,
				});
				if (verdictOf(worse).includes("Turn on predictive")) expect(result.verdict).toContain("Turn on predictive");
			}),
			RUNS,
		);
	});

	it("sees a comparison from both sides alike", () => {
		fc.assert(
			fc.property(replayResult, ({ policies }) => {
				const one = policies[Predictive];
				fc.pre(one !== undefined);
				const oneSided = { ...policies, [Predictive]: withoutSavings(one) };
				const there = comparePolicies(oneSided, Predictive, Reactive);
				const back = comparePolicies(oneSided, Reactive, Predictive);
				const opposite = { better: "worse", worse: "better", unclear: "unclear" } as const;
				expect(back?.finding).toBe(there === undefined ? undefined : opposite[there.finding]);
			}),
			RUNS,
		);
	});
});

function withoutSavings({ savingOver: _, ...rest }: PolicyResult): PolicyResult {
	return rest;
}

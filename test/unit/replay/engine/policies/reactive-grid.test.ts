import { describe, expect, it } from "vitest";
import { seededRandom } from "#domain/shared/seeded-random.ts";
import { CostAccount } from "#replay/engine/accounting/cost-account.ts";
import { playReactive } from "#replay/engine/policies/reactive.ts";
import { bestReactiveRule, DEFAULT_REACTIVE_RULE } from "#replay/engine/policies/reactive-grid.ts";
import { createWorld, type ReplayWorld } from "#replay/engine/world.ts";
import type { ReactiveRule } from "#replay/result/reactive-rule.ts";
import { RTT_MS, settingsOf, traceOf } from "#test/property/replay/engine/traces.ts";

/** Partitions that move house once, with much noise before and after. */
function movers(copies: number, seed: number, accesses: number, atHome: number): ReplayWorld {
	const random = seededRandom(seed);
	const list = Array.from({ length: accesses }, () => {
		const hour = Math.floor(random() * 2400);
		const partition = Math.floor(random() * 12);
		const home = hour < 1000 + 100 * partition ? partition % 4 : (partition + 1) % 4;
		return { hour, partition: `p:${partition}`, region: random() < atHome ? home : Math.floor(random() * 4), count: 1 };
	});
	return createWorld(traceOf(list), settingsOf({ copies }), RTT_MS);
}

function costOf(world: ReplayWorld, rule: ReactiveRule): number {
	const account = new CostAccount(world);
	playReactive(world, rule, account);
	return account.costMs;
}

const MEMORIES = [6, 24, 72, 168, 336, 1440, 8760];
const THRESHOLDS = [1 / 16, 1 / 8, 1 / 4, 1 / 2, 1, 2];
const CERTAINTIES = [0, 1, 2, 3];

describe("bestReactiveRule", () => {
	it("is, with one copy, the cheapest of all memories, thresholds and certainties", () => {
		const world = movers(1, 5, 1500, 0.5);
		const best = bestReactiveRule(world);
		const costs = MEMORIES.flatMap((setMemoryHours) =>
			THRESHOLDS.flatMap((setThreshold) =>
				CERTAINTIES.map((minZScore) => costOf(world, { ...DEFAULT_REACTIVE_RULE, setMemoryHours, setThreshold, minZScore })),
			),
		);
		expect(costOf(world, best)).toBe(Math.min(...costs));
		expect(best.minZScore).toBeGreaterThan(0);
		expect(best.leaderMemoryHours).toBe(best.setMemoryHours);
	});

	it("asks, with more copies, for certainty and another leader rule where these are cheaper on the best set rule", () => {
		const world = movers(2, 7, 6000, 0.3);
		const best = bestReactiveRule(world);
		const { leaderMemoryHours, leaderThreshold } = DEFAULT_REACTIVE_RULE;
		const withoutLeader = { ...best, leaderMemoryHours, leaderThreshold };
		const uncertain = MEMORIES.flatMap((setMemoryHours) =>
			THRESHOLDS.map((setThreshold) => costOf(world, { ...DEFAULT_REACTIVE_RULE, setMemoryHours, setThreshold })),
		);
		expect(costOf(world, { ...withoutLeader, minZScore: 0 })).toBe(Math.min(...uncertain));
		const certain = CERTAINTIES.map((minZScore) => costOf(world, { ...withoutLeader, minZScore }));
		expect(costOf(world, withoutLeader)).toBe(Math.min(...certain));
		expect(best.minZScore).toBeGreaterThan(0);
		expect(costOf(world, best)).toBeLessThan(costOf(world, withoutLeader));
	});
});

import { expect, test } from "vitest";
import { WINDOWS_HOURS } from "#domain/prediction/settings.ts";
import { seededRandom } from "#domain/shared/seeded-random.ts";
import { hourOfVolume } from "#predictor/features/history.ts";
import { createModel } from "#predictor/models/registry.ts";
import { trainPool } from "#predictor/training/train-models.ts";
import { CostAccount } from "#replay/engine/accounting/cost-account.ts";
import { playReactive } from "#replay/engine/policies/reactive.ts";
import { bestReactiveRule } from "#replay/engine/policies/reactive-grid.ts";
import { backTest } from "#replay/engine/predictive/back-test.ts";
import { PREDICTIVE_RULE, playPredictive } from "#replay/engine/predictive/play-predictive.ts";
import type { Trace } from "#replay/engine/trace.ts";
import { createWorld, type ReplayWorld } from "#replay/engine/world.ts";
import type { ReactiveRule } from "#replay/result/reactive-rule.ts";
import { type Access, RTT_MS, settingsOf, traceOf } from "#test/property/replay/engine/traces.ts";

const DAYS = 80;
const NOTHING = { events: [], holidays: false };

/** Partitions whose few accesses come from a region for `stay` days, then from another; the second half is drawn anew by `seed`. */
function wanderers(stay: number, seed = 1): readonly Access[] {
	const list: Access[] = [];
	const [first, second] = [seededRandom(7), seededRandom(seed)];
	for (let day = 0; day < DAYS; day += 1) {
		const random = day < DAYS / 2 ? first : second;
		for (let partition = 0; partition < 8; partition += 1) {
			const home = (partition + Math.floor(day / stay)) % 4;
			const region = random() < 0.6 ? home : Math.floor(random() * 4);
			list.push({ hour: day * 24 + Math.floor(random() * 24), partition: `p${partition}`, region, count: 1 });
		}
	}
	return list;
}

const worldOf = (list: readonly Access[], over = {}): ReplayWorld =>
	createWorld(traceOf(list), settingsOf({ copies: 1, readShare: 0, ...over }), RTT_MS);

const trained = (trace: Trace, toHour: number) =>
	createModel(trainPool(trace, { fromHour: trace.cells.hour[0] ?? 0, toHour }, { windowsHours: WINDOWS_HOURS, epochs: 1 }).parameters);

/** What each certainty would have cost before the scored part, each played alone. */
function costsByTrying(world: ReplayWorld, model: ReturnType<typeof trained>): ReadonlyMap<number, number> {
	return new Map(
		[0.5, 1, 1.5, 2, 3].map((minZScore) => {
			const account = new CostAccount(world, hourOfVolume(world.trace, 0.1), world.scoredFromHour);
			playPredictive(world, model, [{ rule: { ...PREDICTIVE_RULE, minZScore }, account }]);
			return [minZScore, account.costMs];
		}),
	);
}

test.each([{ stay: 5 }, { stay: DAYS, readShare: 0.5, copies: 2 }])(
	"is the one that would have cost least before the scored part ($stay days in a region)",
	({ stay, ...over }) => {
		const world = worldOf(wanderers(stay), over);
		const model = trained(world.trace, world.scoredFromHour);
		const costs = costsByTrying(world, model);
		const chosen = backTest(world, model, NOTHING).minZScore;
		expect(new Set(costs.values()).size).toBeGreaterThan(1);
		expect(costs.get(chosen)).toBe(Math.min(...costs.values()));
	},
);

test("depends on nothing that is scored", () => {
	const [one, other] = [1, 2].map((seed) => worldOf(wanderers(5, seed)));
	if (one === undefined || other === undefined) throw new Error("two worlds");
	expect(one.scoredFromHour).toBe(other.scoredFromHour);
	const model = trained(one.trace, one.scoredFromHour);
	expect(backTest(one, model, NOTHING)).toEqual(backTest(other, model, NOTHING));
});

test("is what a deployment asks for where moves are free, because nothing is asked for", () => {
	const world = worldOf(wanderers(5), { moveCostMs: 0 });
	expect(backTest(world, trained(world.trace, world.scoredFromHour), NOTHING)).toEqual({
		minZScore: PREDICTIVE_RULE.minZScore,
		follow: undefined,
	});
});

const costOf = (rule: ReactiveRule, world: ReplayWorld, belowHour: number): number => {
	const account = new CostAccount(world, hourOfVolume(world.trace, 0.1), belowHour);
	playReactive(world, rule, account);
	return account.costMs;
};

test.each([
	{ stay: 4, givesWay: false },
	{ stay: DAYS, copies: 2, readShare: 0.5, givesWay: true },
])(
	"gives way to following past accesses exactly where that would have cost less ($stay days in a region: $givesWay)",
	({ stay, givesWay, ...over }) => {
		const world = worldOf(wanderers(stay), over);
		const model = trained(world.trace, world.scoredFromHour);
		const forecasts = Math.min(...costsByTrying(world, model).values());
		const rule = bestReactiveRule(world, hourOfVolume(world.trace, 0.1), world.scoredFromHour);
		expect(costOf(rule, world, world.scoredFromHour) < forecasts).toBe(givesWay);
		expect(backTest(world, model, NOTHING).follow).toEqual(givesWay ? rule : undefined);
	},
);

test("does not give way where regions have limits, which following does not know", () => {
	const world = worldOf(wanderers(DAYS), { copies: 2, readShare: 0.5, copiesPerHour: 1 });
	expect(backTest(world, trained(world.trace, world.scoredFromHour), NOTHING).follow).toBeUndefined();
});

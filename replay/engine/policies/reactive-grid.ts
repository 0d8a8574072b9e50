import { CostAccount } from "#replay/engine/accounting/cost-account.ts";
import { playReactive } from "#replay/engine/policies/reactive.ts";
import type { ReplayWorld } from "#replay/engine/world.ts";
import type { ReactiveRule } from "#replay/result/reactive-rule.ts";

const DAY_HOURS = 24;

/** One configuration for every log: the memories and thresholds that were good on most recorded logs. */
export const DEFAULT_REACTIVE_RULE: ReactiveRule = {
	setMemoryHours: 14 * DAY_HOURS,
	setThreshold: 1,
	minZScore: 0,
	leaderMemoryHours: 14 * DAY_HOURS,
	leaderThreshold: 0.5,
};

const SET_MEMORIES_HOURS = [6, ...[1, 3, 7, 14, 60, 365].map((days) => days * DAY_HOURS)];
const SET_THRESHOLDS = [1 / 16, 1 / 8, 1 / 4, 1 / 2, 1, 2];
const CERTAINTIES = [0, 1, 2, 3];
const LEADER_MEMORIES_HOURS = [1, 6, 24, 72, 168, 14 * DAY_HOURS, 60 * DAY_HOURS];
const LEADER_THRESHOLDS = [0, 0.5, 2];

const setRules = (from: ReactiveRule): readonly ReactiveRule[] =>
	SET_MEMORIES_HOURS.flatMap((setMemoryHours) => SET_THRESHOLDS.map((setThreshold) => ({ ...from, setMemoryHours, setThreshold })));

const certaintyRules = (from: ReactiveRule): readonly ReactiveRule[] => CERTAINTIES.map((minZScore) => ({ ...from, minZScore }));

const leaderRules = (from: ReactiveRule): readonly ReactiveRule[] =>
	LEADER_MEMORIES_HOURS.flatMap((leaderMemoryHours) =>
		LEADER_THRESHOLDS.map((leaderThreshold) => ({ ...from, leaderMemoryHours, leaderThreshold })),
	);

/**
 * The reactive rule that costs least between two hours. With one copy, of all set rules with all certainties; with more, first the best set
 * rule with the default leader rule, then the best certainty for it, then the best leader rule. With the scored part between the hours, this
 * is known in hindsight only.
 */
export function bestReactiveRule(world: ReplayWorld, fromHour?: number, belowHour?: number): ReactiveRule {
	const best = (rules: readonly ReactiveRule[]): ReactiveRule => leastCost(world, rules, fromHour, belowHour);
	const sets = setRules(DEFAULT_REACTIVE_RULE);
	if (world.settings.copies === 1) return withItsLeader(best(sets.flatMap(certaintyRules)));
	return best(leaderRules(best(certaintyRules(best(sets)))));
}

/** The only copy leads, whatever the leader rule: a rule for it names one memory. */
const withItsLeader = (rule: ReactiveRule): ReactiveRule => ({ ...rule, leaderMemoryHours: rule.setMemoryHours });

function leastCost(world: ReplayWorld, rules: readonly ReactiveRule[], fromHour?: number, belowHour?: number): ReactiveRule {
	let best = DEFAULT_REACTIVE_RULE;
	let least = Number.POSITIVE_INFINITY;
	for (const rule of rules) {
		const account = new CostAccount(world, fromHour, belowHour);
		playReactive(world, rule, account);
		if (account.costMs < least) {
			best = rule;
			least = account.costMs;
		}
	}
	return best;
}

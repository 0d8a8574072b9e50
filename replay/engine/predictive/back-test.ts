import type { OutsideSources } from "#predictor/external/outside.ts";
import { hourOfVolume } from "#predictor/features/history.ts";
import type { Model } from "#predictor/models/model.ts";
import { CostAccount } from "#replay/engine/accounting/cost-account.ts";
import { playReactive } from "#replay/engine/policies/reactive.ts";
import { bestReactiveRule } from "#replay/engine/policies/reactive-grid.ts";
import { PREDICTIVE_RULE, playPredictive } from "#replay/engine/predictive/play-predictive.ts";
import { Rationing } from "#replay/engine/predictive/rationing.ts";
import type { ReplayWorld } from "#replay/engine/world.ts";
import type { ReactiveRule } from "#replay/result/reactive-rule.ts";

/** Standard errors that are tried. The first is what a deployment asks for unless it is told otherwise, and stays where no other costs less. */
const CERTAINTIES = [PREDICTIVE_RULE.minZScore, 0.5, 1.5, 2, 3];
/** The share of the part that trains whose costs do not count: memories are young there. */
const YOUNG_SHARE = 0.2;

/** What would have cost least in the part of a log that trains. */
export interface BackTest {
	/** How many standard errors a saving must be above zero. */
	readonly minZScore: number;
	/** The rule to follow in place of the forecasts, where it would have cost less than all of these; it knows no limits, so never where there are any. */
	readonly follow: ReactiveRule | undefined;
}

/**
 * Plays what there is to choose from on the part of the log that trains, and on nothing of what is scored.
 *
 * @see docs/adr/0408-certainty-is-chosen-by-back-test.md
 * @see docs/adr/0411-forecasts-give-way-to-following.md
 */
export function backTest(
	world: ReplayWorld,
	model: Model,
	outside: OutsideSources,
	onProgress: (share: number) => void = () => undefined,
): BackTest {
	const { trace, scoredFromHour, settings } = world;
	if (settings.copies === 1 && settings.moveCostMs === 0) return { minZScore: PREDICTIVE_RULE.minZScore, follow: undefined };
	const fromHour = hourOfVolume(trace, YOUNG_SHARE * settings.scoreFrom);
	const plays = CERTAINTIES.map((minZScore) => ({
		rule: { ...PREDICTIVE_RULE, minZScore },
		account: new CostAccount(world, fromHour, scoredFromHour),
	}));
	playPredictive(world, model, plays, { outside, belowHour: scoredFromHour, onProgress });
	const best = plays.reduce((least, play) => (play.account.costMs < least.account.costMs ? play : least));
	const { minZScore } = best.rule;
	if (Rationing.isNeeded(settings)) return { minZScore, follow: undefined };
	const rule = bestReactiveRule(world, fromHour, scoredFromHour);
	const followed = new CostAccount(world, fromHour, scoredFromHour);
	playReactive(world, rule, followed);
	return { minZScore, follow: followed.costMs < best.account.costMs ? rule : undefined };
}

import type { OutsideSources } from "#predictor/external/outside.ts";
import { hourOfVolume } from "#predictor/features/history.ts";
import type { Model } from "#predictor/models/model.ts";
import { CostAccount } from "#replay/engine/accounting/cost-account.ts";
import { PREDICTIVE_RULE, playPredictive } from "#replay/engine/predictive/play-predictive.ts";
import type { ReplayWorld } from "#replay/engine/world.ts";

/** Standard errors that are tried. The first is what a deployment asks for unless it is told otherwise, and stays where no other costs less. */
const CERTAINTIES = [PREDICTIVE_RULE.minZScore, 0.5, 1.5, 2, 3];
/** The share of the part that trains whose costs do not count: memories are young there. */
const YOUNG_SHARE = 0.2;

/**
 * How many standard errors a saving must be above zero, by what it would have cost in the part of the log that trains, and nothing of what is scored.
 *
 * @see docs/adr/0408-certainty-is-chosen-by-back-test.md
 */
export function chooseCertainty(
	world: ReplayWorld,
	model: Model,
	outside: OutsideSources,
	onProgress: (share: number) => void = () => undefined,
): number {
	const { trace, scoredFromHour, settings } = world;
	if (settings.copies === 1 && settings.moveCostMs === 0) return PREDICTIVE_RULE.minZScore;
	const fromHour = hourOfVolume(trace, YOUNG_SHARE * settings.scoreFrom);
	const plays = CERTAINTIES.map((minZScore) => ({
		rule: { ...PREDICTIVE_RULE, minZScore },
		account: new CostAccount(world, fromHour, scoredFromHour),
	}));
	playPredictive(world, model, plays, { outside, belowHour: scoredFromHour, onProgress });
	const best = plays.reduce((least, play) => (play.account.costMs < least.account.costMs ? play : least));
	return best.rule.minZScore;
}

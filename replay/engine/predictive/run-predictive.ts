import type { FullAccount } from "#replay/engine/accounting/full-account.ts";
import { PREDICTIVE_RULE, playPredictive } from "#replay/engine/predictive/play-predictive.ts";
import { scoreForecasts } from "#replay/engine/predictive/score-forecasts.ts";
import { trainModels } from "#replay/engine/predictive/train-models.ts";
import type { ReplayWorld } from "#replay/engine/world.ts";
import type { ForecastScore } from "#replay/result/replay-result.ts";

/** Trains on what comes before the scored part, plays the forecasts through the whole log, and scores them. */
export function runPredictive(
	world: ReplayWorld,
	account: FullAccount,
	onProgress: (phase: string, share?: number) => void,
): { readonly description: string; readonly forecast: Readonly<Record<string, ForecastScore>> } {
	const { trace, scoredFromHour } = world;
	const span = { fromHour: trace.cells.hour[0] ?? 0, toHour: scoredFromHour };
	const models = trainModels(trace, span, (window) => onProgress(`training (${window})`));
	playPredictive(world, models, [{ rule: PREDICTIVE_RULE, account }], { onProgress: (share) => onProgress("predictive", share) });
	const forecast: Record<string, ForecastScore> = {};
	for (const model of Object.values(models)) {
		onProgress(`scoring ${model.windowHours} h forecasts`);
		forecast[`${model.windowHours}h`] = scoreForecasts(trace, model, scoredFromHour);
	}
	return { description: `copies by the week's forecast, leader by the hours'${describeLimits(world)}`, forecast };
}

function describeLimits({ settings: { capacity, copiesPerHour } }: ReplayWorld): string {
	const limits = [
		...(capacity === undefined ? [] : ["the room of regions"]),
		...(copiesPerHour === undefined ? [] : [`${copiesPerHour} copies an hour`]),
	];
	return limits.length === 0 ? "" : `, within ${limits.join(" and ")}`;
}

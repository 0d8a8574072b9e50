import { LEAD_HOURS, WINDOWS_HOURS } from "#domain/prediction/settings.ts";
import type { ForecastScore } from "#predictor/evaluation/score.ts";
import { scoreVolumes } from "#predictor/evaluation/score-volumes.ts";
import { scoreWindows } from "#predictor/evaluation/score-windows.ts";
import type { OutsideSources } from "#predictor/external/outside.ts";
import type { ModelArtefact } from "#predictor/models/artefact.ts";
import { createModel } from "#predictor/models/registry.ts";
import { ACTIVE_HOURS, trainPool } from "#predictor/training/train-models.ts";
import type { FullAccount } from "#replay/engine/accounting/full-account.ts";
import { playReactive } from "#replay/engine/policies/reactive.ts";
import { backTest } from "#replay/engine/predictive/back-test.ts";
import { PREDICTIVE_RULE, playPredictive } from "#replay/engine/predictive/play-predictive.ts";
import type { ReplayWorld } from "#replay/engine/world.ts";
import { describeReactive, type ReactiveRule } from "#replay/result/reactive-rule.ts";

export interface PredictiveRun {
	readonly description: string;
	/** Standard errors that a saving had to be above zero. */
	readonly minZScore: number;
	/** The reactive rule that was followed instead, because the forecasts would have cost more before the scored part. */
	readonly follow: ReactiveRule | undefined;
	/** By window, `6h`, `24h`, `168h`. */
	readonly forecast: Readonly<Record<string, ForecastScore>>;
}

/**
 * Trains on what comes before the scored part, or takes a model that is ready; chooses by that part how certain a saving has to be, plays the forecasts (or, where
 * no model was asked for, what would have been cheaper) through the whole log, and scores them.
 */
export function runPredictive(
	world: ReplayWorld,
	account: FullAccount,
	outside: OutsideSources,
	onProgress: (phase: string, share?: number) => void,
	ready?: ModelArtefact,
): PredictiveRun {
	const { trace, scoredFromHour, table } = world;
	const span = { fromHour: trace.cells.hour[0] ?? 0, toHour: scoredFromHour };
	const train = () =>
		trainPool(trace, span, { windowsHours: WINDOWS_HOURS, onProgress: (hours) => onProgress(`training (${hours} h)`) }).parameters;
	const model = createModel(ready?.parameters ?? train());
	const tested = backTest(world, model, outside, (share) => onProgress("back-test", share));
	const { minZScore } = tested;
	const follow = ready === undefined ? tested.follow : undefined;
	if (follow !== undefined) playReactive(world, follow, account);
	else
		playPredictive(world, model, [{ rule: { ...PREDICTIVE_RULE, minZScore }, account }], {
			outside,
			onProgress: (share) => onProgress("predictive", share),
		});
	const forecast: Record<string, ForecastScore> = {};
	const scored = { fromHour: scoredFromHour, toHour: (trace.cells.hour.at(-1) ?? 0) + LEAD_HOURS };
	const tilted = { sources: outside, models: new Set(["pool"]) };
	for (const hours of WINDOWS_HOURS) {
		onProgress(`scoring ${hours} h forecasts`);
		const score = scoreWindows(trace, hours, new Map([["pool", model]]), scored, table.rttMs, tilted).get("pool");
		const coverage = scoreVolumes(trace, hours, model, ACTIVE_HOURS, scored);
		if (score !== undefined) forecast[`${hours}h`] = { ...withoutDecisions(score), coverage };
	}
	return {
		description:
			follow === undefined
				? `copies by the week's forecast, leader by the hours', savings of more than ${minZScore} standard errors${describeOutside(outside)}${describeLimits(world)}${describeModel(ready)}`
				: `${describeReactive(follow)}: before the scored part, forecasts would have cost more`,
		minZScore,
		follow,
		forecast,
	};
}

function describeOutside({ events, holidays }: OutsideSources): string {
	const known = [
		...(events.length === 0 ? [] : [events.length === 1 ? "a declared event" : `${events.length} declared events`]),
		...(holidays ? ["public holidays"] : []),
	];
	return known.length === 0 ? "" : `, told of ${known.join(" and ")}`;
}

function describeLimits({ settings: { capacity, copiesPerHour } }: ReplayWorld): string {
	const limits = [
		...(capacity === undefined ? [] : ["the room of regions"]),
		...(copiesPerHour === undefined ? [] : [`${copiesPerHour} copies an hour`]),
	];
	return limits.length === 0 ? "" : `, within ${limits.join(" and ")}`;
}

const describeModel = (ready: ModelArtefact | undefined): string => (ready === undefined ? "" : `, by the model ${ready.name}`);

const withoutDecisions = ({ logLoss, brier, ece, windows, reliability }: ForecastScore): ForecastScore => ({
	logLoss,
	brier,
	ece,
	windows,
	reliability,
});

import { LEAD_HOURS } from "#domain/prediction/settings.ts";
import { OnlineCalibration } from "#predictor/evaluation/online-calibration.ts";
import { type ForecastScore, Score } from "#predictor/evaluation/score.ts";
import { Outside, type OutsideSources } from "#predictor/external/outside.ts";
import type { AccessHistory } from "#predictor/features/history.ts";
import type { Model } from "#predictor/models/model.ts";
import { type TrainingSpan, windowStride } from "#predictor/training/collect-windows.ts";
import { HourWalk } from "#predictor/training/hour-walk.ts";
import { Upcoming } from "#predictor/training/upcoming.ts";

const WINDOWS_WANTED = 100_000;

/** One model's score, and what its choices would have cost. */
export interface ModelScore extends ForecastScore {
	/** See `WindowScore`. */
	readonly decisionMs: number;
}

/**
 * How good several models' forecasts are in a span: of every partition accessed before, all windows that hold accesses, thinned out evenly
 * where there are very many. Each is made from what was known an hour before its window, and calibrated by the windows that had passed.
 *
 * @param rttMs round-trip time in ms, `regions` numbers a region, viewer first
 * @param tilted models whose forecasts are tilted, and by what: rules that follow the past know nothing of it @default none
 */
export function scoreWindows(
	history: AccessHistory,
	windowHours: number,
	models: ReadonlyMap<string, Model>,
	{ fromHour, toHour }: TrainingSpan,
	rttMs: Float64Array,
	tilted?: { readonly sources: OutsideSources; readonly models: ReadonlySet<string> },
): ReadonlyMap<string, ModelScore> {
	const regions = history.regions.length;
	const walk = new HourWalk(history);
	const upcoming = new Upcoming(history);
	const outside = tilted === undefined ? undefined : new Outside(history, tilted.sources);
	const boards = [...models].map(([name, model]) => ({
		name,
		model,
		score: new Score(),
		decisions: new Decisions(rttMs, regions),
		calibration: new OnlineCalibration(model.calibrator(windowHours)),
		outside: tilted?.models.has(name) === true ? outside : undefined,
	}));
	const forecast = new Float64Array(regions);
	const stride = windowStride(history, windowHours, fromHour, toHour, WINDOWS_WANTED);
	for (let hour = fromHour; hour + LEAD_HOURS + windowHours <= toHour; hour += stride) {
		const begin = hour + LEAD_HOURS;
		walk.advance(hour);
		outside?.advance(hour);
		for (const { calibration } of boards) calibration.advance(hour);
		for (const [partition, outcome] of upcoming.between(begin, begin + windowHours)) {
			if (!walk.isKnown(partition)) continue;
			walk.experts.select(partition);
			walk.experts.tilt(begin, windowHours);
			for (const { model, score, decisions, calibration, outside: knows } of boards) {
				model.mix(walk.experts, windowHours, forecast);
				calibration.adjust(forecast, outcome, begin + windowHours);
				if (knows?.tiltShares(partition, windowHours, forecast, walk)?.isOwn === false) calibration.forget();
				score.add(forecast, outcome);
				decisions.add(forecast, outcome);
			}
		}
	}
	return new Map(boards.map(({ name, score, decisions }) => [name, { ...score.result(), decisionMs: decisions.meanMs() }]));
}

/** What accesses would have cost, had each window been led from where its forecast makes it cheapest. */
class Decisions {
	readonly #rttMs: Float64Array;
	readonly #regions: number;
	#ms = 0;
	#accesses = 0;

	constructor(rttMs: Float64Array, regions: number) {
		this.#rttMs = rttMs;
		this.#regions = regions;
	}

	add(forecast: Float64Array, outcome: Float64Array): void {
		let leader = 0;
		let least = Number.POSITIVE_INFINITY;
		for (let to = 0; to < this.#regions; to += 1) {
			const ms = this.#costOf(forecast, to);
			if (ms < least - 1e-9) [leader, least] = [to, ms];
		}
		this.#ms += this.#costOf(outcome, leader);
		this.#accesses += outcome.reduce((sum, count) => sum + count, 0);
	}

	meanMs = (): number => (this.#accesses === 0 ? 0 : this.#ms / this.#accesses);

	#costOf(accesses: Float64Array, to: number): number {
		let ms = 0;
		for (let from = 0; from < this.#regions; from += 1) ms += (accesses[from] ?? 0) * (this.#rttMs[from * this.#regions + to] ?? 0);
		return ms;
	}
}

import { contextOf, PoolMixer } from "#predictor/columns/gated-pool.ts";
import { HourWalk } from "#replay/engine/predictive/hour-walk.ts";
import type { WindowModel } from "#replay/engine/predictive/train-models.ts";
import { strideFor, Upcoming } from "#replay/engine/predictive/upcoming.ts";
import { Calibration } from "#replay/engine/scoring/calibration.ts";
import { lowerBound, type Trace } from "#replay/engine/trace.ts";
import { LEAD_HOURS } from "#replay/engine/world.ts";
import type { ForecastScore } from "#replay/result/replay-result.ts";

const WINDOWS_WANTED = 100_000;

/** How good a window's forecasts are from `fromHour` to the end of the log, an access counting once. */
export function scoreForecasts(trace: Trace, model: WindowModel, fromHour: number): ForecastScore {
	const { windowHours } = model;
	const regions = trace.regions.length;
	const endHour = (trace.cells.hour.at(-1) ?? 0) + 1;
	const cells = trace.cells.hour.length - lowerBound(trace.cells.hour, fromHour);
	const stride = strideFor(Math.min(cells, ((endHour - fromHour) * trace.partitions.length) / windowHours) * windowHours, WINDOWS_WANTED);
	const walk = new HourWalk(trace);
	const upcoming = new Upcoming(trace);
	const mixer = new PoolMixer(regions);
	const forecast = new Float64Array(regions);
	const calibration = new Calibration();
	for (let hour = fromHour; hour + LEAD_HOURS + windowHours <= endHour; hour += stride) {
		const begin = hour + LEAD_HOURS;
		walk.advance(hour);
		for (const [partition, outcome] of upcoming.between(begin, begin + windowHours)) {
			if ((walk.columns.lastHour[partition] ?? -1) < 0) continue;
			walk.experts.select(partition);
			walk.experts.tilt(begin, windowHours);
			mixer.mix(walk.experts.forecasts, 0, model.pool, contextOf(walk.experts.amounts.ageHours), forecast);
			calibration.add(forecast, outcome);
		}
	}
	return calibration.score();
}

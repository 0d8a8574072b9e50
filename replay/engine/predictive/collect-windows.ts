import { EXPERT_COUNT } from "#predictor/columns/expert-columns.ts";
import type { WindowSet } from "#predictor/columns/fit-gated-pool.ts";
import { contextOf } from "#predictor/columns/gated-pool.ts";
import { VOLUME_FEATURES, type VolumeSet, volumeFeatures } from "#predictor/columns/volume.ts";
import { HourWalk } from "#replay/engine/predictive/hour-walk.ts";
import { strideFor, Upcoming } from "#replay/engine/predictive/upcoming.ts";
import { lowerBound, type Trace } from "#replay/engine/trace.ts";
import { LEAD_HOURS } from "#replay/engine/world.ts";

/** What is learned from: hours `fromHour` until before `toHour` of a log. */
export interface TrainingSpan {
	readonly fromHour: number;
	readonly toHour: number;
}

/** Windows that are enough for some ten weights. */
const WINDOWS_WANTED = 120_000;
const VOLUMES_WANTED = 200_000;

/** All windows of a length, of partitions accessed before, that hold accesses; thinned out evenly where there are very many. */
export function collectWindows(trace: Trace, windowHours: number, { fromHour, toHour }: TrainingSpan): WindowSet {
	const regions = trace.regions.length;
	const width = EXPERT_COUNT * regions;
	const cells = lowerBound(trace.cells.hour, toHour) - lowerBound(trace.cells.hour, fromHour);
	const stride = strideFor(Math.min(cells, ((toHour - fromHour) * trace.partitions.length) / windowHours) * windowHours, WINDOWS_WANTED);
	const walk = new HourWalk(trace);
	const upcoming = new Upcoming(trace);
	const forecasts: number[][] = [];
	const outcomes: number[][] = [];
	const contexts: number[] = [];
	for (let hour = fromHour; hour + LEAD_HOURS + windowHours <= toHour; hour += stride) {
		const begin = hour + LEAD_HOURS;
		walk.advance(hour);
		for (const [partition, outcome] of upcoming.between(begin, begin + windowHours)) {
			if ((walk.columns.lastHour[partition] ?? -1) < 0) continue;
			walk.experts.select(partition);
			walk.experts.tilt(begin, windowHours);
			forecasts.push([...walk.experts.forecasts]);
			outcomes.push([...outcome]);
			contexts.push(contextOf(walk.experts.amounts.ageHours));
		}
	}
	return {
		experts: EXPERT_COUNT,
		regions,
		size: contexts.length,
		forecasts: flatten(forecasts, width),
		outcomes: flatten(outcomes, regions),
		contexts: Uint8Array.from(contexts),
	};
}

/** Windows of partitions that were accessed lately, with accesses or without: a sample. */
export function collectVolumes(trace: Trace, windowHours: number, activeHours: number, { fromHour, toHour }: TrainingSpan): VolumeSet {
	const walk = new HourWalk(trace);
	const upcoming = new Upcoming(trace);
	const stride = strideFor((toHour - fromHour) * Math.min(trace.partitions.length, 200), VOLUMES_WANTED);
	const features: number[][] = [];
	const counts: number[] = [];
	const row = new Float64Array(VOLUME_FEATURES);
	for (let hour = fromHour; hour + LEAD_HOURS + windowHours <= toHour; hour += stride) {
		const begin = hour + LEAD_HOURS;
		walk.advance(hour);
		const outcomes = upcoming.between(begin, begin + windowHours);
		walk.columns.lastHour.forEach((lastHour, partition) => {
			if (lastHour < 0 || hour - lastHour > activeHours) return;
			walk.experts.select(partition);
			volumeFeatures(walk.experts.amounts, walk.experts.tilt(begin, windowHours), row);
			features.push([...row]);
			counts.push(outcomes.get(partition)?.reduce((sum, count) => sum + count, 0) ?? 0);
		});
	}
	return { size: counts.length, features: Float64Array.from(features.flat()), counts: Float64Array.from(counts) };
}

function flatten(rows: readonly (readonly number[])[], width: number): Float32Array {
	const flat = new Float32Array(rows.length * width);
	rows.forEach((row, index) => {
		flat.set(row, index * width);
	});
	return flat;
}

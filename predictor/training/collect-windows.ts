import { LEAD_HOURS } from "#domain/prediction/settings.ts";
import { type AccessHistory, lowerBound } from "#predictor/features/history.ts";
import { EXPERT_COUNT } from "#predictor/models/expert-columns.ts";
import { contextOf } from "#predictor/models/gated-pool.ts";
import { VOLUME_FEATURES, volumeFeatures } from "#predictor/models/volume.ts";
import { ActiveSample } from "#predictor/training/active-sample.ts";
import type { WindowSet } from "#predictor/training/fit-gated-pool.ts";
import type { VolumeSet } from "#predictor/training/fit-volume.ts";
import { HourWalk } from "#predictor/training/hour-walk.ts";
import { strideFor, Upcoming } from "#predictor/training/upcoming.ts";

/** What is learned from: windows inside the hours `fromHour` until before `toHour`. */
export interface TrainingSpan {
	readonly fromHour: number;
	readonly toHour: number;
}

/** Windows that are enough for some ten weights. */
const WINDOWS_WANTED = 120_000;
const VOLUMES_WANTED = 200_000;

/** Windows as the fit sees them, and in which hour each was forecast. */
export interface CollectedWindows extends WindowSet {
	/** Ascending. */
	readonly hours: Int32Array;
}

/** All windows of a length, of partitions accessed before, that hold accesses; thinned out evenly where there are very many. */
export function collectWindows(history: AccessHistory, windowHours: number, { fromHour, toHour }: TrainingSpan): CollectedWindows {
	const regions = history.regions.length;
	const width = EXPERT_COUNT * regions;
	const stride = windowStride(history, windowHours, fromHour, toHour, WINDOWS_WANTED);
	const walk = new HourWalk(history);
	const upcoming = new Upcoming(history);
	const forecasts: number[][] = [];
	const outcomes: number[][] = [];
	const contexts: number[] = [];
	const hours: number[] = [];
	for (let hour = fromHour; hour + LEAD_HOURS + windowHours <= toHour; hour += stride) {
		const begin = hour + LEAD_HOURS;
		walk.advance(hour);
		for (const [partition, outcome] of upcoming.between(begin, begin + windowHours)) {
			if (!walk.isKnown(partition)) continue;
			walk.experts.select(partition);
			walk.experts.tilt(begin, windowHours);
			forecasts.push([...walk.experts.forecasts]);
			outcomes.push([...outcome]);
			contexts.push(contextOf(walk.experts.amounts.ageHours));
			hours.push(hour);
		}
	}
	return {
		experts: EXPERT_COUNT,
		regions,
		size: contexts.length,
		forecasts: flatten(forecasts, width),
		outcomes: flatten(outcomes, regions),
		contexts: Uint8Array.from(contexts),
		hours: Int32Array.from(hours),
	};
}

/** Hours between forecasts of which about so many have accesses. */
export function windowStride({ cells, partitions }: AccessHistory, windowHours: number, from: number, to: number, wanted: number): number {
	const inside = lowerBound(cells.hour, to) - lowerBound(cells.hour, from);
	return strideFor(Math.min(inside, ((to - from) * partitions.length) / windowHours) * windowHours, wanted);
}

/** Windows of partitions that were accessed lately, with accesses or without: a sample. */
export function collectVolumes(history: AccessHistory, windowHours: number, activeHours: number, span: TrainingSpan): VolumeSet {
	const walk = new HourWalk(history);
	const upcoming = new Upcoming(history);
	const sample = new ActiveSample(history, windowHours, activeHours, span, VOLUMES_WANTED);
	const features: number[] = [];
	const counts: number[] = [];
	const row = new Float64Array(VOLUME_FEATURES);
	for (const [index, hour] of sample.hours.entries()) {
		const begin = hour + LEAD_HOURS;
		walk.advance(hour);
		const outcomes = upcoming.between(begin, begin + windowHours);
		for (const partition of sample.partitionsAt(index, walk.columns.own.lastHour)) {
			walk.experts.select(partition);
			volumeFeatures(walk.experts.amounts, walk.experts.tilt(begin, windowHours), row);
			features.push(...row);
			counts.push(outcomes.get(partition)?.reduce((sum, count) => sum + count, 0) ?? 0);
		}
	}
	return { size: counts.length, features: Float64Array.from(features), counts: Float64Array.from(counts) };
}

function flatten(rows: readonly (readonly number[])[], width: number): Float32Array {
	const flat = new Float32Array(rows.length * width);
	rows.forEach((row, index) => {
		flat.set(row, index * width);
	});
	return flat;
}

import type { RegionId } from "#domain/geography/region-id.ts";
import type { PartitionId } from "#domain/partition/partition-id.ts";
import type { GlobalState, ParentState, PartitionState } from "#domain/prediction/feature-state.ts";
import type { GlobalFeatures, PartitionFeatures } from "#domain/prediction/forecast-request.ts";
import {
	GLOBAL_HALF_LIVES_HOURS,
	PARENT_HALF_LIVES_HOURS,
	PARTITION_HALF_LIVES_HOURS,
	SEGMENT_HALF_LIFE_HOURS,
} from "#domain/prediction/settings.ts";
import { activityOf } from "#predictor/features/activity.ts";
import { countsOf, decayCounts, decayFactor } from "#predictor/features/decayed-counts.ts";

/** What the experts see of everybody at the beginning of `atHour`. Regions outside `regions` count nothing. */
export function globalFeatures(
	state: GlobalState | undefined,
	atHour: number,
	regions: readonly RegionId[],
	windowsHours: readonly number[],
): GlobalFeatures {
	const counts = state === undefined ? {} : decayCounts(state.counts, atHour - state.asOfHour, GLOBAL_HALF_LIVES_HOURS);
	const activity = windowsHours.map((hours) => [String(hours), regions.map((region) => activityOf(state, region, atHour, hours))] as const);
	return {
		g1d: countsOf(counts, regions, 0),
		g14d: countsOf(counts, regions, 1),
		g365d: countsOf(counts, regions, 2),
		activity: Object.fromEntries(activity),
	};
}

/** The parent's counts as features. */
export interface ParentFeatures {
	readonly a14d: readonly number[];
	readonly a365d: readonly number[];
}

/** @param state undefined: a parent that was never accessed */
export function parentFeatures(state: ParentState | undefined, atHour: number, regions: readonly RegionId[]): ParentFeatures {
	const counts = state === undefined ? {} : decayCounts(state.counts, atHour - state.asOfHour, PARENT_HALF_LIVES_HOURS);
	return { a14d: countsOf(counts, regions, 0), a365d: countsOf(counts, regions, 1) };
}

/** Where the parent is everybody. */
export const globalAsParent = (global: GlobalFeatures): ParentFeatures => ({ a14d: global.g14d, a365d: global.g365d });

/** What the experts see of one partition at the beginning of `atHour`. */
export function partitionFeatures(
	partition: PartitionId,
	state: PartitionState | undefined,
	parent: ParentFeatures,
	atHour: number,
	regions: readonly RegionId[],
): PartitionFeatures {
	const counts = state === undefined ? {} : decayCounts(state.counts, atHour - state.asOfHour, PARTITION_HALF_LIVES_HOURS);
	const segments = segmentFeatures(state, atHour, regions);
	return {
		partition,
		e1d: countsOf(counts, regions, 0),
		e14d: countsOf(counts, regions, 1),
		e60d: countsOf(counts, regions, 2),
		e365d: countsOf(counts, regions, 3),
		recent: regions.map((region) => state?.recent[region] ?? 0),
		...parent,
		ageHours: Math.max(1, atHour - (state?.firstHour ?? atHour)),
		...(segments === undefined ? {} : { segments }),
	};
}

function segmentFeatures(state: PartitionState | undefined, atHour: number, regions: readonly RegionId[]) {
	if (state?.segments === undefined) return undefined;
	const factor = decayFactor(atHour - state.asOfHour, SEGMENT_HALF_LIFE_HOURS);
	return Object.fromEntries(
		Object.entries(state.segments).map(([segment, counts]) => [segment, regions.map((region) => (counts[region] ?? 0) * factor)]),
	);
}

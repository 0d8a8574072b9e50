import { type GlobalState, type ParentState, type PartitionState, STATE_VERSION } from "#domain/prediction/feature-state.ts";
import { HOURS_PER_DAY, HOURS_PER_WEEK } from "#domain/prediction/hours.ts";
import { pack, unpack32, unpack64 } from "#domain/prediction/packed-numbers.ts";
import { GLOBAL_HALF_LIVES_HOURS, PARENT_HALF_LIVES_HOURS, PARTITION_HALF_LIVES_HOURS } from "#domain/prediction/settings.ts";
import type { RegionPlaces } from "#predictor/features/count-columns.ts";
import type { PartitionColumns } from "#predictor/features/partition-columns.ts";
import type { SegmentCounts } from "#predictor/features/segment-columns.ts";
import type { GlobalColumns, ParentColumns } from "#predictor/features/shared-columns.ts";

/** Where regions of a state are in the columns. */
const placesOf = (regions: readonly string[], index: ReadonlyMap<string, number>): RegionPlaces =>
	Int32Array.from(regions, (region) => index.get(region) ?? -1);

/** Puts a stored state into a slot. @param index region -> its number in the columns; others are left out @throws InvalidStateError */
export function loadPartition(columns: PartitionColumns, slot: number, state: PartitionState, index: ReadonlyMap<string, number>): void {
	const size = state.regions.length;
	const places = placesOf(state.regions, index);
	columns.lastHour[slot] = state.lastHour;
	columns.counts.load(slot, unpack64(state.counts, size * PARTITION_HALF_LIVES_HOURS.length), places, state.lastHour);
	columns.hours.load(slot, unpack32(state.hours, size * HOURS_PER_DAY), places, state.lastHour);
	const recent = unpack64(state.recent, size);
	const start = slot * columns.counts.regions;
	columns.recent.fill(0, start, start + columns.counts.regions);
	places.forEach((place, at) => {
		if (place >= 0) columns.recent[start + place] = recent[at] ?? 0;
	});
	const segments = Object.entries(state.segments ?? {}).map(([name, values]) => [name, unpack64(values, size + HOURS_PER_DAY)] as const);
	columns.segments.load(slot, segments, places);
}

/** The state of a slot. @param regions what the columns' regions are called */
export function savePartition(
	columns: PartitionColumns,
	slot: number,
	regions: readonly string[],
	appliedThroughHour: number,
): PartitionState {
	const segments = columns.segments.of(slot);
	return {
		version: STATE_VERSION,
		appliedThroughHour,
		lastHour: columns.lastHour[slot] ?? 0,
		regions,
		counts: pack(columns.counts.save(slot).values),
		recent: pack(columns.recent.slice(slot * regions.length, (slot + 1) * regions.length)),
		hours: pack(columns.hours.save(slot).values),
		...(segments === undefined ? {} : { segments: packSegments(segments) }),
	};
}

const packSegments = (segments: ReadonlyMap<string, SegmentCounts>): Record<string, string> =>
	Object.fromEntries([...segments].map(([name, { byRegion, byHour }]) => [name, pack(Float64Array.of(...byRegion, ...byHour))]));

/** @throws InvalidStateError */
export function loadParent(columns: ParentColumns, slot: number, state: ParentState, index: ReadonlyMap<string, number>): void {
	const size = state.regions.length;
	const places = placesOf(state.regions, index);
	columns.counts.load(slot, unpack64(state.counts, size * PARENT_HALF_LIVES_HOURS.length), places, state.lastHour);
	columns.hours.load(slot, unpack32(state.hours, size * HOURS_PER_DAY), places, state.lastHour);
}

export function saveParent(columns: ParentColumns, slot: number, regions: readonly string[], appliedThroughHour: number): ParentState {
	const { values, asOfHour } = columns.counts.save(slot);
	return {
		version: STATE_VERSION,
		appliedThroughHour,
		lastHour: asOfHour,
		regions,
		counts: pack(values),
		hours: pack(columns.hours.save(slot).values),
	};
}

/** @throws InvalidStateError */
export function loadGlobal(columns: GlobalColumns, state: GlobalState, index: ReadonlyMap<string, number>): void {
	const size = state.regions.length;
	const places = placesOf(state.regions, index);
	columns.counts.load(0, unpack64(state.counts, size * GLOBAL_HALF_LIVES_HOURS.length), places, state.lastHour);
	columns.week.load(unpack64(state.week, size * HOURS_PER_WEEK), unpack64(state.today, size * HOURS_PER_DAY), places, state.dayHour);
}

export function saveGlobal(columns: GlobalColumns, regions: readonly string[], appliedThroughHour: number): GlobalState {
	const { values, asOfHour } = columns.counts.save(0);
	const { week, today, dayHour } = columns.week.save();
	return {
		version: STATE_VERSION,
		appliedThroughHour,
		lastHour: asOfHour,
		regions,
		counts: pack(values),
		dayHour,
		week: pack(week),
		today: pack(today),
	};
}

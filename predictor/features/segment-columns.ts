import { HOURS_PER_DAY } from "#domain/prediction/hours.ts";
import { MAX_SEGMENTS_PER_PARTITION, SEGMENT_HALF_LIFE_HOURS } from "#domain/prediction/settings.ts";
import type { RegionPlaces } from "#predictor/features/count-columns.ts";

/** Decayed counts of one segment of a partition. */
export interface SegmentCounts {
	readonly byRegion: Float64Array;
	/** By hour of the day (UTC): the memory is short enough to go with summer time. */
	readonly byHour: Float64Array;
}

/** Decayed counts by segment of those partitions that have segments, as of their latest access. */
export class SegmentColumns {
	readonly #regions: number;
	readonly #slots = new Map<number, Map<string, SegmentCounts>>();

	constructor(regions: number) {
		this.#regions = regions;
	}

	/** Lets what the slot has decay by some hours. */
	decay(slot: number, elapsedHours: number): void {
		const factor = leftAfter(elapsedHours);
		for (const { byRegion, byHour } of this.#slots.get(slot)?.values() ?? [])
			for (const counts of [byRegion, byHour]) for (let at = 0; at < counts.length; at += 1) counts[at] = (counts[at] ?? 0) * factor;
	}

	/** @param ageHours of the access, against the hour to which the slot is decayed */
	add(slot: number, segment: string, region: number, count: number, hour: number, ageHours: number): void {
		const { byRegion, byHour } = this.#of(slot, segment);
		const left = count * leftAfter(ageHours);
		byRegion[region] = (byRegion[region] ?? 0) + left;
		byHour[hour % HOURS_PER_DAY] = (byHour[hour % HOURS_PER_DAY] ?? 0) + left;
	}

	/** Forgets all but the largest. */
	prune(slot: number): void {
		const segments = this.#slots.get(slot);
		if (segments === undefined || segments.size <= MAX_SEGMENTS_PER_PARTITION) return;
		for (const [segment] of ranked(segments).slice(MAX_SEGMENTS_PER_PARTITION)) segments.delete(segment);
	}

	/** Counts as of the latest access; undefined where there are none. */
	of(slot: number): ReadonlyMap<string, SegmentCounts> | undefined {
		return this.#slots.get(slot);
	}

	/** The segment with most accesses of late. */
	dominant(slot: number): string | undefined {
		const segments = this.#slots.get(slot);
		return segments === undefined ? undefined : ranked(segments)[0]?.[0];
	}

	/** @param segments by name, numbers of the places' regions, then of the hours of the day */
	load(slot: number, segments: readonly (readonly [string, Float64Array])[], places: RegionPlaces): void {
		this.#slots.delete(slot);
		for (const [segment, values] of segments) {
			const { byRegion, byHour } = this.#of(slot, segment);
			places.forEach((place, at) => {
				if (place >= 0) byRegion[place] = values[at] ?? 0;
			});
			byHour.set(values.subarray(places.length));
		}
	}

	#of(slot: number, segment: string): SegmentCounts {
		const segments = this.#slots.get(slot) ?? new Map<string, SegmentCounts>();
		this.#slots.set(slot, segments);
		const counts = segments.get(segment) ?? { byRegion: new Float64Array(this.#regions), byHour: new Float64Array(HOURS_PER_DAY) };
		segments.set(segment, counts);
		return counts;
	}
}

const leftAfter = (hours: number): number => 2 ** (-hours / SEGMENT_HALF_LIFE_HOURS);

/** Largest first, by name where they are equal. */
function ranked(segments: ReadonlyMap<string, SegmentCounts>): readonly (readonly [string, number])[] {
	const totals = [...segments].map(([segment, { byRegion }]) => [segment, byRegion.reduce((sum, count) => sum + count, 0)] as const);
	return totals.sort(([a, left], [b, right]) => right - left || (a < b ? -1 : 1));
}

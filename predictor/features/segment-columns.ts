import { MAX_SEGMENTS_PER_PARTITION, SEGMENT_HALF_LIFE_HOURS } from "#domain/prediction/settings.ts";
import type { RegionPlaces } from "#predictor/features/count-columns.ts";

/** Decayed counts by segment and region of those partitions that have segments, as of their latest access. */
export class SegmentColumns {
	readonly #regions: number;
	readonly #slots = new Map<number, Map<string, Float64Array>>();

	constructor(regions: number) {
		this.#regions = regions;
	}

	/** Lets what the slot has decay by some hours. */
	decay(slot: number, elapsedHours: number): void {
		const factor = leftAfter(elapsedHours);
		for (const counts of this.#slots.get(slot)?.values() ?? [])
			for (let region = 0; region < counts.length; region += 1) counts[region] = (counts[region] ?? 0) * factor;
	}

	/** @param ageHours of the access, against the hour to which the slot is decayed */
	add(slot: number, segment: string, region: number, count: number, ageHours: number): void {
		const segments = this.#slots.get(slot) ?? new Map<string, Float64Array>();
		this.#slots.set(slot, segments);
		const counts = segments.get(segment) ?? new Float64Array(this.#regions);
		segments.set(segment, counts);
		counts[region] = (counts[region] ?? 0) + count * leftAfter(ageHours);
	}

	/** Forgets all but the largest. */
	prune(slot: number): void {
		const segments = this.#slots.get(slot);
		if (segments === undefined || segments.size <= MAX_SEGMENTS_PER_PARTITION) return;
		for (const [segment] of ranked(segments).slice(MAX_SEGMENTS_PER_PARTITION)) segments.delete(segment);
	}

	/** Counts by region as of the latest access; undefined where there are none. */
	of(slot: number): ReadonlyMap<string, Float64Array> | undefined {
		return this.#slots.get(slot);
	}

	/** The segment with most accesses of late. */
	dominant(slot: number): string | undefined {
		const segments = this.#slots.get(slot);
		return segments === undefined ? undefined : ranked(segments)[0]?.[0];
	}

	load(slot: number, segments: readonly (readonly [string, ArrayLike<number>])[], places: RegionPlaces): void {
		this.#slots.delete(slot);
		for (const [segment, values] of segments)
			places.forEach((place, at) => {
				if (place >= 0) this.add(slot, segment, place, values[at] ?? 0, 0);
			});
	}
}

const leftAfter = (hours: number): number => 2 ** (-hours / SEGMENT_HALF_LIFE_HOURS);

/** Largest first, by name where they are equal. */
function ranked(segments: ReadonlyMap<string, Float64Array>): readonly (readonly [string, number])[] {
	const totals = [...segments].map(([segment, counts]) => [segment, counts.reduce((sum, count) => sum + count, 0)] as const);
	return totals.sort(([a, left], [b, right]) => right - left || (a < b ? -1 : 1));
}

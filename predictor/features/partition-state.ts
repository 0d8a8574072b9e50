import type { HourCount, PartitionState } from "#domain/prediction/feature-state.ts";
import { MAX_SEGMENTS_PER_PARTITION, PARTITION_HALF_LIVES_HOURS, SEGMENT_HALF_LIFE_HOURS } from "#domain/prediction/settings.ts";
import { addDecayed, decayCounts, decayFactor, round } from "#predictor/features/decayed-counts.ts";
import { addRecent } from "#predictor/features/recent-counts.ts";

type Segments = Record<string, Record<string, number>>;

/**
 * The partition's state once all counts reported through `throughHour` are in. Counts reported at or before the state's
 * `appliedThroughHour` are left out, so applying the same counts again changes nothing.
 *
 * @param counts of this partition, in any order; those reported after `throughHour` are left for later
 * @returns undefined while the partition has never been accessed
 */
export function applyToPartition(
	state: PartitionState | undefined,
	counts: readonly HourCount[],
	throughHour: number,
): PartitionState | undefined {
	const fresh = freshCounts(counts, state?.appliedThroughHour, throughHour);
	if (fresh.length === 0) return state;
	const hours = fresh.map((count) => count.hour);
	const decayed = state === undefined ? {} : decayCounts(state.counts, throughHour - state.asOfHour, PARTITION_HALF_LIVES_HOURS);
	for (const { region, count, hour } of fresh) addDecayed(decayed, region, count, throughHour - hour, PARTITION_HALF_LIVES_HOURS);
	const segments = applySegments(state, fresh, throughHour);
	return {
		asOfHour: throughHour,
		appliedThroughHour: throughHour,
		firstHour: Math.min(state?.firstHour ?? Number.POSITIVE_INFINITY, ...hours),
		lastHour: Math.max(state?.lastHour ?? Number.NEGATIVE_INFINITY, ...hours),
		counts: decayed,
		recent: groupByReport(fresh).reduce<Record<string, number>>(addRecent, { ...state?.recent }),
		...(Object.keys(segments).length === 0 ? {} : { segments }),
	};
}

/** What has not been applied yet and is closed by now. */
export const freshCounts = (counts: readonly HourCount[], appliedThrough: number | undefined, throughHour: number): readonly HourCount[] =>
	counts.filter(({ reportHour }) => reportHour <= throughHour && reportHour > (appliedThrough ?? Number.NEGATIVE_INFINITY));

/** Groups of accesses of one hour, in the order in which they were reported and, inside a report, happened. */
function groupByReport(counts: readonly HourCount[]): readonly (readonly HourCount[])[] {
	const groups = new Map<string, HourCount[]>();
	const sorted = [...counts].sort((a, b) => a.reportHour - b.reportHour || a.hour - b.hour || compare(a.region, b.region));
	for (const count of sorted) {
		const key = `${count.reportHour}/${count.hour}`;
		const group = groups.get(key);
		if (group === undefined) groups.set(key, [count]);
		else group.push(count);
	}
	return [...groups.values()];
}

function applySegments(state: PartitionState | undefined, fresh: readonly HourCount[], throughHour: number): Segments {
	const factor = state === undefined ? 0 : decayFactor(throughHour - state.asOfHour, SEGMENT_HALF_LIFE_HOURS);
	const segments: Segments = {};
	for (const [segment, counts] of Object.entries(state?.segments ?? {})) {
		segments[segment] = Object.fromEntries(Object.entries(counts).map(([region, value]) => [region, round(value * factor)]));
	}
	for (const { segment, region, count, hour } of fresh) {
		if (segment === "") continue;
		segments[segment] ??= {};
		const regions = segments[segment];
		regions[region] = round((regions[region] ?? 0) + count * decayFactor(throughHour - hour, SEGMENT_HALF_LIFE_HOURS));
	}
	return largest(segments);
}

function largest(segments: Segments): Segments {
	const total = (regions: Record<string, number>): number => Object.values(regions).reduce((sum, value) => sum + value, 0);
	const ranked = Object.entries(segments).sort(([a, left], [b, right]) => total(right) - total(left) || compare(a, b));
	return Object.fromEntries(ranked.slice(0, MAX_SEGMENTS_PER_PARTITION));
}

/** The segment with most accesses of late, or undefined. */
export const dominantSegment = (state: PartitionState | undefined): string | undefined => Object.keys(largest(state?.segments ?? {}))[0];

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

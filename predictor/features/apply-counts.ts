import type { GlobalState, HourCount, ParentState, PartitionState } from "#domain/prediction/feature-state.ts";
import { type HourCells, PartitionColumns } from "#predictor/features/partition-columns.ts";
import { GlobalColumns, ParentColumns } from "#predictor/features/shared-columns.ts";
import { loadGlobal, loadParent, loadPartition, saveGlobal, saveParent, savePartition } from "#predictor/features/states.ts";

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
	const fresh = freshCounts(counts, state, throughHour);
	if (fresh.length === 0) return state;
	const regions = regionsOf(state, fresh);
	const segments = ["", ...new Set(fresh.map(({ segment }) => segment).filter((segment) => segment !== ""))];
	const columns = new PartitionColumns(1, [...regions.keys()], segments);
	if (state !== undefined) loadPartition(columns, 0, state, regions);
	for (const group of groupByReport(fresh)) {
		const cells = cellsOf(group, regions, segments);
		columns.take(0, cells, 0, group.length, group[0]?.hour ?? 0);
	}
	return savePartition(columns, 0, [...regions.keys()], throughHour);
}

/** A parent's state once all counts reported through `throughHour` are in; counts already applied are left out. */
export function applyToParent(state: ParentState | undefined, counts: readonly HourCount[], throughHour: number): ParentState | undefined {
	const fresh = freshCounts(counts, state, throughHour);
	if (fresh.length === 0) return state;
	const regions = regionsOf(state, fresh);
	const columns = new ParentColumns(1, [...regions.keys()]);
	if (state !== undefined) loadParent(columns, 0, state, regions);
	for (const { region, count, hour } of inOrder(fresh)) columns.add(0, regions.get(region) ?? 0, count, hour);
	return saveParent(columns, 0, [...regions.keys()], throughHour);
}

/** The state of everybody once all counts reported through `throughHour` are in; counts already applied are left out. */
export function applyToGlobal(state: GlobalState | undefined, counts: readonly HourCount[], throughHour: number): GlobalState | undefined {
	const fresh = freshCounts(counts, state, throughHour);
	if (fresh.length === 0) return state;
	const regions = regionsOf(state, fresh);
	const columns = new GlobalColumns([...regions.keys()]);
	if (state !== undefined) loadGlobal(columns, state, regions);
	for (const { region, count, hour } of inOrder(fresh)) columns.add(regions.get(region) ?? 0, count, hour);
	return saveGlobal(columns, [...regions.keys()], throughHour);
}

interface Applied {
	readonly appliedThroughHour: number;
	readonly regions: readonly string[];
}

/** What has not been applied yet and is closed by now. */
export const freshCounts = (
	counts: readonly HourCount[],
	state: Pick<Applied, "appliedThroughHour"> | undefined,
	throughHour: number,
): readonly HourCount[] =>
	counts.filter(({ reportHour }) => reportHour <= throughHour && reportHour > (state?.appliedThroughHour ?? Number.NEGATIVE_INFINITY));

/** Region -> its number: those of the state, then new ones by name. */
function regionsOf(state: Applied | undefined, fresh: readonly HourCount[]): ReadonlyMap<string, number> {
	const known = new Set(state?.regions);
	const added = [...new Set(fresh.map(({ region }) => region))].filter((region) => !known.has(region)).sort();
	return new Map([...known, ...added].map((region, index) => [region, index]));
}

const inOrder = (counts: readonly HourCount[]): readonly HourCount[] =>
	[...counts].sort((a, b) => a.reportHour - b.reportHour || a.hour - b.hour);

/** Accesses of one hour each, in the order in which they were reported and, inside a report, happened. */
const groupByReport = (counts: readonly HourCount[]): Iterable<readonly HourCount[]> =>
	Map.groupBy(inOrder(counts), ({ reportHour, hour }) => `${reportHour}/${hour}`).values();

function cellsOf(counts: readonly HourCount[], regions: ReadonlyMap<string, number>, segments: readonly string[]): HourCells {
	const number = ({ region }: HourCount): number => regions.get(region) ?? 0;
	const sorted = [...counts].sort((a, b) => number(a) - number(b) || (a.segment < b.segment ? -1 : 1));
	return {
		partition: new Int32Array(sorted.length),
		region: Uint8Array.from(sorted, number),
		count: Float64Array.from(sorted, ({ count }) => count),
		segment: Uint16Array.from(sorted, ({ segment }) => segments.indexOf(segment)),
	};
}

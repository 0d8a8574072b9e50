import type { ForecastRequest } from "#domain/prediction/forecast-request.ts";
import { FeatureColumns } from "#predictor/features/feature-columns.ts";
import { loadGlobal, loadParent, loadPartition } from "#predictor/features/states.ts";

/** What a request remembers, as columns: its partitions in order. @throws InvalidStateError */
export function columnsOf({ regions, partitions, parents, global }: ForecastRequest): FeatureColumns {
	const segments = new Set(partitions.flatMap(({ state }) => Object.keys(state.segments ?? {})));
	const names = partitions.map(({ partition }) => partition);
	const columns = new FeatureColumns(names, regions, ["", ...segments]);
	const index = new Map(regions.map((region, number) => [region as string, number]));
	if (global !== undefined) loadGlobal(columns.ofAll, global, index);
	columns.parents.keys.forEach((key, number) => {
		const parent = key === undefined ? undefined : parents[key];
		if (parent !== undefined) loadParent(columns.ofParents, number, parent, index);
	});
	partitions.forEach(({ state }, slot) => {
		loadPartition(columns.own, slot, state, index);
	});
	return columns;
}

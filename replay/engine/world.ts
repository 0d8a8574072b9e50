import { SetTable } from "#domain/placement/sets/set-table.ts";
import { hourOfVolume } from "#predictor/features/history.ts";
import { initialPlacements, type Placements } from "#replay/engine/initial-placement.ts";
import { orderByPartition, type PartitionOrder } from "#replay/engine/partition-order.ts";
import type { Trace } from "#replay/engine/trace.ts";
import type { ReplaySettings } from "#replay/result/replay-result.ts";

/** Everything that all policies of a replay share. */
export interface ReplayWorld {
	readonly trace: Trace;
	readonly settings: ReplaySettings;
	readonly table: SetTable;
	/** The first scored hour: the one in which the settings' share of the volume is reached. */
	readonly scoredFromHour: number;
	readonly order: PartitionOrder;
	/** Where each partition is when it is first touched; the same for every policy, and free. */
	readonly initial: Placements;
	/** Expected round-trip time in ms of an access from `region`: the read share goes to the nearest copy, the rest to the leader. */
	expectedMs(region: number, set: number, leader: number): number;
}

/** @param rttMs square matrix in the order of the trace's regions, viewer first */
export function createWorld(trace: Trace, settings: ReplaySettings, rttMs: Float64Array): ReplayWorld {
	const table = new SetTable(trace.regions.length, settings.copies, rttMs);
	const { readShare } = settings;
	const regions = trace.regions.length;
	return {
		trace,
		settings,
		table,
		scoredFromHour: hourOfVolume(trace, settings.scoreFrom),
		order: orderByPartition(trace),
		initial: initialPlacements(trace, table),
		expectedMs: (region, set, leader) =>
			readShare * (table.nearMs[set * regions + region] ?? 0) + (1 - readShare) * (rttMs[region * regions + leader] ?? 0),
	};
}

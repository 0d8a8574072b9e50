import type { PlacementInput } from "#domain/placement/choose-placement.ts";
import type { TablesOf } from "#domain/placement/sets/set-tables.ts";
import type { HourlyOutlook } from "#domain/prediction/outlook.ts";

/** How sets of copies are placed. */
export interface ReplicaPolicy {
	/** Copies of a partition at most, 1..5. */
	readonly maxCopies: number;
	/** The share of accesses that the nearest copy may answer, 0..1. */
	readonly readShare: number;
	/** What a change of leadership among standing copies costs, in ms x accesses. */
	readonly transferCostMs: number;
	/** What a copy beyond the first costs a week, in ms x accesses. */
	readonly copyWeekMs: number;
}

export interface ReplicaInput extends PlacementInput {
	readonly outlook: HourlyOutlook | undefined;
	readonly replicas: ReplicaPolicy;
	readonly tablesOf: TablesOf;
}

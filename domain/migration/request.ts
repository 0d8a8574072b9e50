import type { RegionId } from "#domain/geography/region-id.ts";
import type { PartitionId } from "#domain/partition/partition-id.ts";

/** One step on a replica set. A classic move from s to t is addFollower(t), transferLeadership(t), removeFollower(s). */
export type PlanAction =
	| { readonly addFollower: RegionId }
	| { readonly transferLeadership: RegionId }
	| { readonly removeFollower: RegionId };

/** One step of the canary: the share of clients at the target, and how long it holds before it is judged. */
export interface CanaryStep {
	/** 0..1 */
	readonly weight: number;
	readonly holdSeconds: number;
}

/** The input of one execution of the migrate state machine. Keys never enter it. */
export interface MigrationRequest {
	/** Execution name as well, so a second start of the same migration is impossible. At most 76 characters. */
	readonly migrationId: string;
	/** The number in the execution's name (`<migrationId>-r<n>`), where earlier executions ended without a claim; absent for the first. */
	readonly attempt?: number;
	readonly partition: PartitionId;
	/** The epoch at which the partition is claimed; a claim at another epoch is refused. */
	readonly epoch: number;
	readonly actions: readonly PlanAction[];
	readonly requestedBy: "placement" | "operator" | "recovery";
	/** The decision record that asked for it. */
	readonly decisionId?: string;
	/** Default: the plan's own. */
	readonly soakSeconds?: number;
	readonly canary?: readonly CanaryStep[];
}

/** The actions of a classic move. */
export const moveActions = (source: RegionId, target: RegionId): readonly PlanAction[] => [
	{ addFollower: target },
	{ transferLeadership: target },
	{ removeFollower: source },
];

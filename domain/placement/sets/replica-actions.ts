import type { RegionId } from "#domain/geography/region-id.ts";
import type { PlanAction } from "#domain/migration/request.ts";

/** A leader and all copies, the leader's among them. */
export interface ReplicaSet {
	readonly leader: RegionId;
	readonly copies: readonly RegionId[];
}

/** The actions that lead from one set to another: copies first, then the leadership, then what is no longer wanted. */
export function replicaActions(present: ReplicaSet, wanted: ReplicaSet): readonly PlanAction[] {
	const added = wanted.copies.filter((region) => !present.copies.includes(region));
	const removed = present.copies.filter((region) => !wanted.copies.includes(region));
	return [
		...added.map((region) => ({ addFollower: region })),
		...(wanted.leader === present.leader ? [] : [{ transferLeadership: wanted.leader }]),
		...removed.map((region) => ({ removeFollower: region })),
	];
}

import type { RegionId } from "#domain/geography/region-id.ts";
import type { RefusalCode } from "#domain/migration/errors.ts";
import { estimatePlanCost } from "#domain/migration/plan-cost.ts";
import { type MigrationPlan, SyncStrategy } from "#domain/migration/plan-schema.ts";
import { adviseReplicas } from "#domain/migration/replica-advice.ts";
import type { MigrationRequest } from "#domain/migration/request.ts";
import { MAX_SOAK_LOOKS, type MigrationSettings } from "#domain/migration/settings.ts";
import { defineTrafficShiftingConfig } from "#domain/migration/traffic-config.ts";
import { allowsCopyIn, type PartitionRecord } from "#domain/partition/record.ts";
import type { PartitionSize, PartitionState } from "#domain/partition-state/state.ts";
import type { Freeze } from "#domain/ports/metadata-store.ts";

export interface PlanInput {
	readonly request: Pick<MigrationRequest, "actions" | "requestedBy" | "canary" | "soakSeconds">;
	readonly record: PartitionRecord;
	readonly freeze: Freeze;
	/** The regions of the deployment. */
	readonly regions: readonly RegionId[];
	readonly settings: MigrationSettings;
	/** What telemetry knows of the partition. */
	readonly state?: PartitionState;
	/** Of the leader's copy, if it is known or could be counted. */
	readonly size?: PartitionSize;
	/** Where the stages run and how far regions are from each other; without it the plan carries no cost. */
	readonly distance?: PlanDistance;
}

export interface PlanDistance {
	readonly controlRegion: RegionId;
	/** Round-trip time in ms. */
	readonly rttMs: (from: RegionId, to: RegionId) => number;
}

export type PlanOutcome =
	| { readonly kind: "planned"; readonly plan: MigrationPlan }
	| { readonly kind: "refused"; readonly code: RefusalCode; readonly reason: string };

type Refused = Extract<PlanOutcome, { kind: "refused" }>;
type ReplicaChange = Pick<MigrationPlan, "replicas" | "joins" | "transfer" | "removals">;

/** The plan for a request on a partition as it stands, or why there is none: freeze, residency, actions that make no sense. */
export function createMigrationPlan(input: PlanInput): PlanOutcome {
	const change = determineReplicaConfig(input.request, input.record, input);
	if ("kind" in change) return change;
	const refused = checkFreeze(input, change) ?? checkRegions(input, change);
	if (refused !== undefined) return refused;
	const { settings, request, state, size, distance } = input;
	const soakSeconds = request.soakSeconds ?? settings.soakSeconds;
	const plan = {
		...change,
		sync: determineSyncStrategy(change),
		traffic: defineTrafficShiftingConfig(request, change, settings, { state, rttMs: distance?.rttMs }),
		...(size === undefined ? {} : { size }),
		quiesceSeconds: settings.quiesceSeconds,
		soakSeconds,
		soakTickSeconds: Math.max(settings.soakTickSeconds, Math.ceil(soakSeconds / MAX_SOAK_LOOKS)),
		maxRepairs: settings.maxRepairs,
		why: describe(change, request.requestedBy),
	};
	if (distance === undefined) return { kind: "planned", plan };
	const cost = estimatePlanCost({ plan, writesPerSecond: state?.load.writesPerSecond ?? 0, ...distance });
	return { kind: "planned", plan: { ...plan, cost } };
}

/**
 * The replica sets before and after the actions, applied in order. An action that already holds changes nothing. Buckets and storage
 * class stay those of the copies there are: a copy generation has one bucket count, and a table one class. What size and load would
 * ask for is said beside them, where both are known.
 */
export function determineReplicaConfig(
	request: Pick<MigrationRequest, "actions">,
	record: PartitionRecord,
	{ size, state }: Pick<PlanInput, "size" | "state"> = {},
): ReplicaChange | Refused {
	const copies = new Set([record.leader, ...record.followers]);
	const joins: RegionId[] = [];
	const removals: RegionId[] = [];
	let leader = record.leader;
	for (const action of request.actions) {
		if ("addFollower" in action) {
			if (removals.includes(action.addFollower)) return invalid(`${action.addFollower} is removed and added again`);
			if (!copies.has(action.addFollower)) joins.push(action.addFollower);
			copies.add(action.addFollower);
		} else if ("transferLeadership" in action) {
			if (!copies.has(action.transferLeadership)) return invalid(`${action.transferLeadership} holds no copy to lead with`);
			if (leader !== record.leader) return invalid("leadership is transferred twice");
			leader = action.transferLeadership;
		} else {
			if (action.removeFollower === leader) return invalid(`${action.removeFollower} leads and cannot be removed`);
			if (joins.includes(action.removeFollower)) return invalid(`${action.removeFollower} is added and removed again`);
			if (copies.delete(action.removeFollower)) removals.push(action.removeFollower);
		}
	}
	if (joins.length + removals.length === 0 && leader === record.leader) return invalid("the actions change nothing");
	return {
		replicas: {
			leaderBefore: record.leader,
			followersBefore: record.followers,
			leaderAfter: leader,
			followersAfter: [...copies].filter((region) => region !== leader),
			buckets: record.buckets,
			storageClass: "standard",
			...(size !== undefined && state !== undefined && { advice: adviseReplicas({ size, load: state.load }, leader) }),
		},
		joins,
		...(leader === record.leader ? {} : { transfer: leader }),
		removals,
	};
}

/**
 * New copies are copied in full. A standing follower that shall lead is compared and given what it lacks: how far its stream has
 * come is not known here, so `none` would be a guess.
 */
export function determineSyncStrategy(change: Pick<MigrationPlan, "joins" | "transfer">): SyncStrategy {
	if (change.joins.length > 0) return SyncStrategy.Full;
	return change.transfer === undefined ? SyncStrategy.None : SyncStrategy.Incremental;
}

function checkFreeze({ record, freeze }: PlanInput, change: ReplicaChange): Refused | undefined {
	if (freeze.global) return frozen("all partitions are frozen");
	if (record.frozen === true) return frozen("the partition is frozen");
	const touched = [change.replicas.leaderBefore, change.replicas.leaderAfter, ...change.joins, ...change.removals];
	const region = touched.find((candidate) => freeze.regions.includes(candidate));
	return region === undefined ? undefined : frozen(`${region} is frozen`);
}

function checkRegions({ record, regions }: PlanInput, { joins, replicas }: ReplicaChange): Refused | undefined {
	const targets = [...joins, replicas.leaderAfter];
	const unknown = targets.find((region) => !regions.includes(region));
	if (unknown !== undefined) return invalid(`${unknown} is not a region of this deployment`);
	const left = joins.find((region) => record.lost?.some((copy) => copy.region === region));
	if (left !== undefined) return invalid(`the copy that a promotion left behind in ${left} has to be reclaimed first`);
	const excluded = targets.find((region) => !allowsCopyIn(record, region));
	if (excluded === undefined) return undefined;
	return { kind: "refused", code: "migration.residency", reason: `the partition's residency rule excludes ${excluded}` };
}

const invalid = (reason: string): Refused => ({ kind: "refused", code: "migration.invalid-plan", reason });
const frozen = (reason: string): Refused => ({ kind: "refused", code: "migration.frozen", reason });

function describe({ joins, transfer, removals, replicas }: ReplicaChange, requestedBy: string): string {
	const parts = [
		...joins.map((region) => `add a copy in ${region}`),
		...(transfer === undefined ? [] : [`move leadership from ${replicas.leaderBefore} to ${transfer}`]),
		...removals.map((region) => `remove the copy in ${region}`),
	];
	return `${parts.join(", ")}; asked for by ${requestedBy}`;
}

import type { RegionId } from "#domain/geography/region-id.ts";
import { type Fence, FenceRole, WriteMode } from "#domain/partition/fence.ts";
import { bucketsOf, type PartitionId } from "#domain/partition/partition-id.ts";
import { type PartitionRecord, Phase } from "#domain/partition/record.ts";
import { DEFAULT_BUCKETS } from "#domain/partition/settings.ts";
import type { DataPlaneDeps } from "#lambdas/serve-data/deps.ts";
import { ProblemError } from "#lambdas/serve-data/problem.ts";

/** What to do where a region has no fence for a partition. */
export type AbsentOutcome =
	| { readonly kind: "elsewhere"; readonly leader: RegionId; readonly buckets: number }
	/** Read the fences again, with this bucket count. */
	| { readonly kind: "again"; readonly buckets: number };

/**
 * Finds the leader of a partition this region has no fence for, or makes this region its first. Fences of a new partition are created
 * only after winning the conditional put in the control region.
 *
 * @throws ProblemError `partition.unknown` where nothing may be created, `partition.unavailable` where the records name this region
 * at an epoch it has no fence for.
 */
export async function resolveAbsent(deps: DataPlaneDeps, visit: { partition: PartitionId; creates: boolean }): Promise<AbsentOutcome> {
	const near = await deps.metadata.readNearest(visit.partition);
	if (near !== undefined && near.leader !== deps.region) return elsewhere(near);
	// The nearest copy may be stale; nothing is created on its word.
	const known = await deps.metadata.readControl(visit.partition);
	if (known !== undefined) return follow(deps, known);
	if (!visit.creates) throw new ProblemError("partition.unknown");
	const home = homeElsewhere(deps, visit.partition);
	if (home !== undefined) return { kind: "elsewhere", leader: home, buckets: DEFAULT_BUCKETS };
	const residency = deps.residency?.(visit.partition);
	const record = { ...newRecord(visit.partition, deps.region, deps.clock.nowMs()), ...(residency === undefined ? {} : { residency }) };
	const outcome = await deps.metadata.create(record);
	if (outcome.kind === "written") return follow(deps, outcome.record);
	if (outcome.current === undefined) throw new ProblemError("partition.unavailable", "The partition's record appeared and vanished.");
	return follow(deps, outcome.current);
}

/**
 * Where a partition that is nowhere yet is created, at this very request, if not here: a region that its residency rule excludes creates
 * nothing; the first that the rule names does.
 */
export function homeElsewhere({ residency, region }: DataPlaneDeps, partition: PartitionId): RegionId | undefined {
	const allowed = residency?.(partition);
	return allowed?.includes(region) === false ? allowed[0] : undefined;
}

async function follow(deps: DataPlaneDeps, record: PartitionRecord): Promise<AbsentOutcome> {
	if (record.leader !== deps.region) return elsewhere(record);
	// Whoever won the record may have died before the fences: at epoch 1 nothing can have been led anywhere else.
	if (record.epoch === 1 && record.phase === Phase.Active) {
		await createLeaderFences(deps, record);
		return { kind: "again", buckets: record.buckets };
	}
	// Fences may have come into being since they were looked for; if not, their loss is for an operator to judge.
	const [fence] = await deps.store.readFences(record.partition, 1);
	if (fence === undefined) throw new ProblemError("partition.unavailable", "The region that should lead has no fence.");
	return { kind: "again", buckets: record.buckets };
}

/** `refused` means another request created them, or they have changed since: either way they are read again. */
async function createLeaderFences({ store, region }: DataPlaneDeps, { partition, buckets, epoch }: PartitionRecord): Promise<void> {
	const next: Fence = { role: FenceRole.Leader, epoch, mode: WriteMode.Steady, seq: 0, peers: [], leader: region, buckets };
	await store.changeFences(
		partition,
		bucketsOf(partition, buckets).map(({ bucket }) => ({ bucket, expect: "absent", next })),
	);
}

const elsewhere = ({ leader, buckets }: PartitionRecord): AbsentOutcome => ({ kind: "elsewhere", leader, buckets });

const newRecord = (partition: PartitionId, leader: RegionId, nowMs: number): PartitionRecord => ({
	partition,
	leader,
	followers: [],
	epoch: 1,
	phase: Phase.Active,
	buckets: DEFAULT_BUCKETS,
	version: 1,
	createdAtMs: nowMs,
	updatedAtMs: nowMs,
	leaderSinceMs: nowMs,
});

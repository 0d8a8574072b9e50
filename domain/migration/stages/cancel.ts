import type { RegionId } from "#domain/geography/region-id.ts";
import { amendRecord, closed } from "#domain/migration/amend-record.ts";
import { changePartition } from "#domain/migration/change-partition.ts";
import { deciderOf, decisionOf } from "#domain/migration/cutover-decision.ts";
import { MigrationConflictError } from "#domain/migration/errors.ts";
import { noteCopy } from "#domain/migration/note-copy.ts";
import { readDecision } from "#domain/migration/read-decision.ts";
import { MigrationState } from "#domain/migration/record.ts";
import { fenceOf, followAt, holds, moveFences, type NextFence, readRegionFence, unexpected } from "#domain/migration/region-fences.ts";
import { releasePartition } from "#domain/migration/release-partition.ts";
import { removeCopy } from "#domain/migration/remove-copy.ts";
import { nextEpoch, type StageContext, type StageResult } from "#domain/migration/stage-context.ts";
import { type Fence, FenceRole, WriteMode } from "#domain/partition/fence.ts";
import { Phase } from "#domain/partition/record.ts";
import { mapParallel } from "#domain/shared/map-parallel.ts";

/**
 * Takes a migration back. It first takes the decision, so that no stage still running somewhere can commit; found committed, only
 * forward is left. Then the leader goes on at the next epoch and what this plan created is deleted after proof.
 */
export async function cancel(ctx: StageContext): Promise<StageResult> {
	if ((await decideToAbort(ctx)) === "committed") return { output: { outcome: "committed" } };
	await amendRecord(ctx, ctx.migration, (record) => ({ ...record, decision: "aborted" }));
	const { replicas, joins } = ctx.migration.plan;
	const epoch = nextEpoch(ctx);
	const { leaderBefore: leader, followersBefore: followers } = replicas;
	await changePartition(ctx, (record) => (record.phase === Phase.Migrating ? { phase: Phase.Cancelling, canary: undefined } : undefined));
	await moveFences(ctx, leader, (fence) => resume(ctx, fence));
	await mapParallel(followers, followers.length, (region) => moveFences(ctx, region, followAt(ctx, region, epoch, leader)));
	for (const region of joins) {
		if (!(await removeCreated(ctx, region))) return { output: { outcome: "again", waitSeconds: 1 } };
		await noteCopy(ctx, region, "ended");
	}
	await releasePartition(ctx, { leader, followers, epoch });
	await changePartition(ctx, () => ({ phase: Phase.Active, epoch, canary: undefined, migrationId: undefined }));
	return { output: { outcome: "cancelled" }, change: (record) => closed(record, MigrationState.Cancelled, ctx.clock.nowMs()) };
}

/** The decider's abort first; then the same on every other copy that this plan might create, so that none comes into being any more. */
async function decideToAbort(ctx: StageContext): Promise<"committed" | "aborted"> {
	const decider = deciderOf(ctx.migration);
	if ((await readDecision(ctx)) === "undecided") {
		await moveFences(ctx, decider.region, (fence) =>
			decisionOf(ctx.migration, fence) === "undecided" ? aborted(ctx, decider.region, fence) : undefined,
		);
		if ((await readDecision(ctx)) === "committed") return "committed";
	} else if ((await readDecision(ctx)) === "committed") return "committed";
	const others = ctx.migration.plan.joins.filter((region) => region !== decider.region);
	await mapParallel(others, others.length, (region) => moveFences(ctx, region, (fence) => aborted(ctx, region, fence)));
	return "aborted";
}

/** The abort in one region: a leader and a standing follower go on at the next epoch, a copy of this plan is over. */
function aborted(ctx: StageContext, region: RegionId, current: Fence | undefined): NextFence | undefined {
	const { joins, replicas } = ctx.migration.plan;
	const epoch = nextEpoch(ctx);
	if (region === replicas.leaderBefore) return resumeUnheld(ctx, current);
	if (!joins.includes(region)) return followAt(ctx, region, epoch, replicas.leaderBefore)(current);
	const vacant =
		current === undefined || ((current.role === FenceRole.Moved || current.role === FenceRole.Aborted) && current.epoch < epoch);
	// Somebody else's copy stood in the way of ours: it is not this plan's to take back, and no stage of this plan can take it either.
	if (!vacant && !(holds(ctx, current) && current?.epoch === ctx.migration.epoch)) return undefined;
	return fenceOf(ctx, { role: FenceRole.Aborted, epoch, leader: replicas.leaderBefore });
}

/** A plan that only removes never held the leader: the epoch goes on, and nothing else changes. */
function resumeUnheld(ctx: StageContext, current: Fence | undefined): NextFence {
	const { source, epoch } = ctx.migration;
	if (current?.role !== FenceRole.Leader || current.epoch !== epoch || current.migrationId !== undefined)
		throw unexpected(ctx, source, current);
	const { seq: _, ...rest } = current;
	return { ...rest, epoch: nextEpoch(ctx) };
}

/** The old leader leads on at the next epoch, steady: every stage that still believes in this epoch is refused from here. */
function resume(ctx: StageContext, current: Fence | undefined): NextFence | undefined {
	const { source, epoch, plan } = ctx.migration;
	const leads = current?.role === FenceRole.Leader || current?.role === FenceRole.Fenced;
	if (current?.role === FenceRole.Leader && current.epoch === nextEpoch(ctx)) return undefined;
	const foreign = current?.migrationId !== undefined && !holds(ctx, current);
	if (!leads || current?.epoch !== epoch || foreign) throw unexpected(ctx, source, current);
	const peers = plan.replicas.followersBefore;
	return fenceOf(ctx, { role: FenceRole.Leader, epoch: nextEpoch(ctx), leader: source, mode: WriteMode.Steady, peers });
}

async function removeCreated(ctx: StageContext, region: RegionId): Promise<boolean> {
	const fence = await readRegionFence(ctx, region);
	if (fence === undefined || !holds(ctx, fence)) return true;
	const epoch = nextEpoch(ctx);
	if (fence.epoch !== epoch) throw new MigrationConflictError(`the copy in ${region} was not aborted`, { region });
	return removeCopy(ctx, { region, epoch, leader: ctx.migration.source, becomes: FenceRole.Aborted, followers: [] });
}

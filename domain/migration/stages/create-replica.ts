import { MigrationAbortedError } from "#domain/migration/errors.ts";
import { noteCopy } from "#domain/migration/note-copy.ts";
import { whileUndecided } from "#domain/migration/read-decision.ts";
import { fenceOf, followAt, holds, moveExpectedFences, moveFences, type NextFence, unexpected } from "#domain/migration/region-fences.ts";
import type { StageContext, StageResult } from "#domain/migration/stage-context.ts";
import { type Fence, FenceRole, WriteMode } from "#domain/partition/fence.ts";
import { mapParallel } from "#domain/shared/map-parallel.ts";

/**
 * Takes the fences: new copies join, standing followers are raised to this epoch, and last the leader turns guarded and names its
 * peers. Copies come first, so that what the leader's stream carries is not refused by them.
 */
export const createReplica = (ctx: StageContext): Promise<StageResult> =>
	whileUndecided(ctx, async () => {
		const { plan, epoch } = ctx.migration;
		const { leaderBefore, followersBefore } = plan.replicas;
		await mapParallel(plan.joins, plan.joins.length, async (region) => {
			await noteCopy(ctx, region, "begins");
			await moveExpectedFences(ctx, region, { from: "absent", to: joining(ctx) }, (fence) => join(ctx, fence));
		});
		await mapParallel(followersBefore, followersBefore.length, (region) =>
			moveFences(ctx, region, followAt(ctx, region, epoch, leaderBefore, true)),
		);
		const steady = { role: FenceRole.Leader, epoch, mode: WriteMode.Steady };
		await moveExpectedFences(ctx, leaderBefore, { from: steady, to: guarded(ctx) }, (fence) => guard(ctx, fence));
		const guardedAtMs = ctx.clock.nowMs();
		return {
			output: { outcome: "wait", waitSeconds: plan.quiesceSeconds },
			change: (record) => ({ ...record, guardedAtMs: record.guardedAtMs ?? guardedAtMs }),
		};
	});

/** A place is free for a new copy if it has no fence, or one that an earlier epoch left behind. */
function join(ctx: StageContext, current: Fence | undefined): NextFence | undefined {
	const { epoch } = ctx.migration;
	if (holds(ctx, current)) {
		if (current?.role === FenceRole.Joining || current?.role === FenceRole.Follower) return undefined;
		throw new MigrationAbortedError("the migration has been cancelled");
	}
	const vacant = current === undefined || current.role === FenceRole.Moved || current.role === FenceRole.Aborted;
	if (!vacant || (current?.epoch ?? 0) > epoch) {
		throw new MigrationAbortedError(`a copy is in the way: ${current?.role} at epoch ${current?.epoch}`, "migration.copy-in-the-way");
	}
	return joining(ctx);
}

const joining = (ctx: StageContext): NextFence => {
	const { epoch, source } = ctx.migration;
	return fenceOf(ctx, { role: FenceRole.Joining, epoch, leader: source, seq: 0 });
};

function guard(ctx: StageContext, current: Fence | undefined): NextFence | undefined {
	const { epoch, source } = ctx.migration;
	const leads = (current?.role === FenceRole.Leader || current?.role === FenceRole.Fenced) && current.epoch === epoch;
	if (leads && holds(ctx, current)) return undefined;
	if (current?.role !== FenceRole.Leader || current.epoch !== epoch || current.migrationId !== undefined) {
		throw unexpected(ctx, source, current);
	}
	return guarded(ctx);
}

const guarded = (ctx: StageContext): NextFence => {
	const { epoch, source: leader, plan } = ctx.migration;
	const peers = [...plan.replicas.followersBefore, ...plan.joins];
	return fenceOf(ctx, { role: FenceRole.Leader, epoch, leader, mode: WriteMode.Guarded, peers });
};

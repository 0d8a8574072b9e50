import { amendRecord, closed } from "#domain/migration/amend-record.ts";
import { carryJournal } from "#domain/migration/carry-journal.ts";
import { changePartition, readClaimed } from "#domain/migration/change-partition.ts";
import { MigrationConflictError } from "#domain/migration/errors.ts";
import { noteCopy } from "#domain/migration/note-copy.ts";
import { MigrationState } from "#domain/migration/record.ts";
import { fenceOf, followAt, holds, moveFences, readRegionFence, unexpected } from "#domain/migration/region-fences.ts";
import { releasePartition } from "#domain/migration/release-partition.ts";
import { removeCopy } from "#domain/migration/remove-copy.ts";
import { nextEpoch, type StageContext, type StageResult } from "#domain/migration/stage-context.ts";
import { followersWhileSoaking } from "#domain/migration/stages/cutover.ts";
import { FenceRole, WriteMode } from "#domain/partition/fence.ts";
import { Phase } from "#domain/partition/record.ts";
import { mapParallel } from "#domain/shared/map-parallel.ts";

/**
 * The same cutover in reverse: the new leader is fenced, its journal carried, the old leader takes the lead at the epoch after, and
 * the copies that the plan created are deleted after proof. There is nothing to abort here: it ends, or is tried again.
 */
export async function rollBack(ctx: StageContext): Promise<StageResult> {
	const { phase } = await readClaimed(ctx);
	if (phase !== Phase.RollingBack) throw new MigrationConflictError(`the partition is ${phase}, not rolling back`);
	await amendRecord(ctx, ctx.migration, (record) => (record.rollingBack === true ? record : { ...record, rollingBack: true }));
	const { leaderBefore: leader, leaderAfter, followersBefore: followers } = ctx.migration.plan.replicas;
	const { joins } = ctx.migration.plan;
	const epoch = nextEpoch(ctx) + 1;
	await handBack(ctx, epoch);
	await changePartition(ctx, (record) =>
		record.epoch < epoch ? { leader, epoch, followers: [...followers, ...joins], canary: undefined } : undefined,
	);
	const others = followersWhileSoaking(ctx).filter((region) => region !== leader && region !== leaderAfter && !joins.includes(region));
	await mapParallel(others, others.length, (region) => moveFences(ctx, region, followAt(ctx, region, epoch, leader)));
	for (const region of joins) {
		await moveFences(ctx, region, (fence) =>
			fence?.role === FenceRole.Follower ? followAt(ctx, region, epoch, leader)(fence) : undefined,
		);
		if (!(await removeCopy(ctx, { region, epoch, leader, becomes: FenceRole.Moved, followers })))
			return { output: { outcome: "again", waitSeconds: 1 } };
		await noteCopy(ctx, region, "ended");
	}
	await releasePartition(ctx, { leader, followers, epoch });
	await changePartition(ctx, () => ({ phase: Phase.Active, followers, canary: undefined, migrationId: undefined }));
	return { output: { outcome: "done" }, change: (record) => closed(record, MigrationState.RolledBack, ctx.clock.nowMs()) };
}

async function handBack(ctx: StageContext, epoch: number): Promise<void> {
	const { leaderBefore, leaderAfter, followersBefore } = ctx.migration.plan.replicas;
	const soakEpoch = nextEpoch(ctx);
	const back = await readRegionFence(ctx, leaderBefore);
	if (back === undefined || back.epoch < epoch) {
		await moveFences(ctx, leaderAfter, (fence) => {
			if (!holds(ctx, fence) || fence?.epoch !== soakEpoch) throw unexpected(ctx, leaderAfter, fence);
			if (fence.role === FenceRole.Fenced) return undefined;
			if (fence.role !== FenceRole.Leader || fence.mode !== WriteMode.Guarded) throw unexpected(ctx, leaderAfter, fence);
			return fenceOf(ctx, { role: FenceRole.Fenced, epoch: soakEpoch, leader: leaderAfter, mode: WriteMode.Guarded, peers: fence.peers });
		});
		await carryJournal(ctx, { from: leaderAfter, to: [leaderBefore], epoch: soakEpoch }, 0);
		await moveFences(ctx, leaderBefore, (fence) => {
			if (fence !== undefined && fence.epoch >= epoch) return undefined;
			if (!holds(ctx, fence) || fence?.role !== FenceRole.Follower || fence.epoch !== soakEpoch) throw unexpected(ctx, leaderBefore, fence);
			return fenceOf(ctx, { role: FenceRole.Leader, epoch, leader: leaderBefore, mode: WriteMode.Guarded, peers: followersBefore, seq: 0 });
		});
	}
	await moveFences(ctx, leaderAfter, (fence) => {
		if (fence === undefined || fence.epoch >= epoch) return undefined;
		if (!holds(ctx, fence) || fence.role !== FenceRole.Fenced) throw unexpected(ctx, leaderAfter, fence);
		const peers = followersBefore.filter((region) => region !== leaderAfter);
		return fenceOf(ctx, { role: FenceRole.Follower, epoch, leader: leaderBefore, peers });
	});
}

import { readClaimed } from "#domain/migration/change-partition.ts";
import { MigrationConflictError } from "#domain/migration/errors.ts";
import { noteCopy } from "#domain/migration/note-copy.ts";
import { fenceOf, holds, moveExpectedFences } from "#domain/migration/region-fences.ts";
import { type Removal, removeCopy, startRemoving } from "#domain/migration/remove-copy.ts";
import { DONE, nextEpoch, type StageContext, type StageResult } from "#domain/migration/stage-context.ts";
import { FenceRole, WriteMode } from "#domain/partition/fence.ts";
import { Phase } from "#domain/partition/record.ts";
import { mapParallel } from "#domain/shared/map-parallel.ts";

/** Deletes the copies that the plan takes away, after proof. Past this the migration cannot be rolled back. */
export async function removeSource(ctx: StageContext): Promise<StageResult> {
	const { replicas, removals } = ctx.migration.plan;
	if (removals.length === 0) return DONE;
	const { phase } = await readClaimed(ctx);
	if (phase !== Phase.Settling) throw new MigrationConflictError(`the partition is ${phase}, not settling`);
	const epoch = nextEpoch(ctx);
	const leader = replicas.leaderAfter;
	const followers = replicas.followersAfter;
	const all = removals.map((region): Removal => ({ region, epoch, leader, becomes: FenceRole.Moved, followers }));
	const started = await mapParallel(all, all.length, async (removal) => ({ removal, fence: await startRemoving(ctx, removal) }));
	await forgetPeers(ctx);
	const finished = await mapParallel(started, started.length, async ({ removal, fence }) => {
		const isGone = await removeCopy(ctx, removal, { fence });
		if (isGone) await noteCopy(ctx, removal.region, "ended");
		return isGone;
	});
	return finished.includes(false) ? { output: { outcome: "again", waitSeconds: 1 } } : DONE;
}

/** The leader carries nothing to these copies any more: they would refuse it. */
function forgetPeers(ctx: StageContext): Promise<unknown> {
	const { leaderAfter: leader, followersAfter: peers } = ctx.migration.plan.replicas;
	const from = { role: FenceRole.Leader, epoch: nextEpoch(ctx), mode: WriteMode.Guarded, migrationId: ctx.migration.migrationId };
	const to = fenceOf(ctx, { role: from.role, epoch: from.epoch, leader, mode: from.mode, peers });
	return moveExpectedFences(ctx, leader, { from, to }, (fence) => {
		const known = fence?.peers.every((peer) => peers.includes(peer)) ?? true;
		if (fence === undefined || known || !holds(ctx, fence) || fence.role !== FenceRole.Leader) return undefined;
		const { seq: _, ...rest } = fence;
		return { ...rest, peers };
	});
}

import type { RegionId } from "#domain/geography/region-id.ts";
import { carryJournal } from "#domain/migration/carry-journal.ts";
import { fenceOf, holds, moveExpectedFences, moveFences, released, unexpected } from "#domain/migration/region-fences.ts";
import type { StageContext } from "#domain/migration/stage-context.ts";
import { FenceRole, WriteMode } from "#domain/partition/fence.ts";
import { mapParallel } from "#domain/shared/map-parallel.ts";

/** The replica set that a migration leaves behind. */
export interface ReplicaSet {
	readonly leader: RegionId;
	readonly followers: readonly RegionId[];
	readonly epoch: number;
}

/**
 * Back to steady, then the journal is carried and cleaned, then the fences are let go: the leader's first, so that what its stream
 * carries is never refused. A journal cleaned before the mode switch would lose the write in between.
 */
export async function releasePartition(ctx: StageContext, { leader, followers, epoch }: ReplicaSet): Promise<void> {
	const { migrationId } = ctx.migration;
	const lead = { role: FenceRole.Leader, epoch };
	const steady = fenceOf(ctx, { ...lead, leader, mode: WriteMode.Steady, peers: followers });
	const guarded = { ...lead, mode: WriteMode.Guarded, migrationId };
	const present = await moveExpectedFences(ctx, leader, { from: guarded, to: steady }, (fence) => {
		if (fence?.role !== FenceRole.Leader || fence.epoch !== epoch) throw unexpected(ctx, leader, fence);
		return !holds(ctx, fence) || fence.mode === WriteMode.Steady ? undefined : steady;
	});
	if (holds(ctx, present)) {
		await carryJournal(ctx, { from: leader, to: followers, epoch }, 0);
		const from = { ...lead, mode: WriteMode.Steady, migrationId };
		await moveExpectedFences(ctx, leader, { from, to: released(steady) }, (fence) =>
			fence !== undefined && holds(ctx, fence) ? { ...released(fence), peers: followers } : undefined,
		);
	}
	await mapParallel(followers, followers.length, (region) =>
		moveFences(ctx, region, (fence) => {
			if (fence === undefined || !holds(ctx, fence) || fence.epoch !== epoch) return undefined;
			// A copy that is gone would refuse what a former leader still carries, for ever.
			return { ...released(fence), peers: fence.peers.filter((peer) => peer !== region && followers.includes(peer)) };
		}),
	);
}

import type { RegionId } from "#domain/geography/region-id.ts";
import { carryJournal } from "#domain/migration/carry-journal.ts";
import { fenceOf, holds, moveFences, readRegionFence, released, unexpected } from "#domain/migration/region-fences.ts";
import { mapParallel, type StageContext } from "#domain/migration/stage-context.ts";
import { FenceRole, WriteMode } from "#domain/partition/fence.ts";

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
	await moveFences(ctx, leader, (fence) => {
		if (fence?.role !== FenceRole.Leader || fence.epoch !== epoch) throw unexpected(ctx, leader, fence);
		if (!holds(ctx, fence) || fence.mode === WriteMode.Steady) return undefined;
		return fenceOf(ctx, { role: FenceRole.Leader, epoch, leader, mode: WriteMode.Steady, peers: followers });
	});
	if (holds(ctx, await readRegionFence(ctx, leader))) {
		await carryJournal(ctx, { from: leader, to: followers, epoch }, 0);
		await moveFences(ctx, leader, (fence) =>
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

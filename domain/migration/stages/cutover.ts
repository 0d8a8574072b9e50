import type { RegionId } from "#domain/geography/region-id.ts";
import { carryJournal } from "#domain/migration/carry-journal.ts";
import { readClaimed } from "#domain/migration/change-partition.ts";
import { deciderOf, decisionOf } from "#domain/migration/cutover-decision.ts";
import { FencesBusyError, MigrationAbortedError } from "#domain/migration/errors.ts";
import { forgetHandedOver, handOverJournal } from "#domain/migration/hand-over-journal.ts";
import { whileUndecided } from "#domain/migration/read-decision.ts";
import { fenceOf, holds, moveExpectedFences, moveFences, type NextFence, unexpected } from "#domain/migration/region-fences.ts";
import { SHORT_JOURNAL } from "#domain/migration/settings.ts";
import { nextEpoch, type StageContext, type StageResult } from "#domain/migration/stage-context.ts";
import { copiesOf } from "#domain/migration/stages/synchronize.ts";
import { stopIfFrozen } from "#domain/migration/stop-if-frozen.ts";
import { type Fence, FenceRole, WriteMode } from "#domain/partition/fence.ts";

/**
 * Moves leadership, or makes a plan that does not move it final. Up to the decision everything can be taken back; the decision is one
 * transaction on the decider's fences; after it there is only forward.
 */
export async function cutover(ctx: StageContext): Promise<StageResult> {
	// The record says so only after the old leader has followed: nothing is left to do.
	if (ctx.migration.decision !== "committed") {
		await whileUndecided(ctx, async () => {
			await stopIfFrozen(ctx, await readClaimed(ctx));
			const stoppedAtMs = ctx.migration.plan.transfer === undefined ? undefined : await stopWriters(ctx);
			// This is the point of no return.
			await commit(ctx);
			if (stoppedAtMs !== undefined) ctx.onPause?.(ctx.clock.nowMs() - stoppedAtMs);
			return { output: { outcome: "done" } };
		});
		await followDecision(ctx);
		if (ctx.migration.plan.transfer !== undefined) await forgetHandedOver(ctx, ctx.migration.source, nextEpoch(ctx));
	}
	return { output: { outcome: "done" }, change: (record) => ({ ...record, decision: "committed" }) };
}

/** Every region that holds a copy between the decision and RemoveSource, without the leader. */
export function followersWhileSoaking({ migration }: Pick<StageContext, "migration">): readonly RegionId[] {
	const { replicas, joins } = migration.plan;
	return [replicas.leaderBefore, ...replicas.followersBefore, ...joins].filter((region) => region !== replicas.leaderAfter);
}

/**
 * The old leader is fenced: requests wait. What is left of the journal sets how long.
 *
 * @returns since when, in ms by the clock; where an earlier run fenced it, since this one
 */
async function stopWriters(ctx: StageContext): Promise<number> {
	const { source, epoch, plan, migrationId } = ctx.migration;
	const peers = [...plan.replicas.followersBefore, ...plan.joins];
	const fenced = fenceOf(ctx, { role: FenceRole.Fenced, epoch, leader: source, mode: WriteMode.Guarded, peers });
	const from = { role: FenceRole.Leader, epoch, mode: WriteMode.Guarded, migrationId };
	const route = { from: source, to: copiesOf(plan), epoch };
	// What a canary of minutes has left in the journal is carried before anybody has to wait for it.
	const hot = await carryJournal(ctx, route, SHORT_JOURNAL);
	const stoppedAtMs = ctx.clock.nowMs();
	await moveExpectedFences(ctx, source, { from, to: fenced }, (fence) => {
		if (!holds(ctx, fence) || fence?.epoch !== epoch) throw unexpected(ctx, source, fence);
		if (fence.role === FenceRole.Fenced) return undefined;
		if (fence.role !== FenceRole.Leader || fence.mode !== WriteMode.Guarded) throw unexpected(ctx, source, fence);
		return fenced;
	});
	await handOverJournal(ctx, route, hot);
	return stoppedAtMs;
}

async function commit(ctx: StageContext): Promise<void> {
	const { kind, region } = deciderOf(ctx.migration);
	const { epoch, migrationId } = ctx.migration;
	const decide = (fence: Fence | undefined): NextFence | undefined =>
		decisionOf(ctx.migration, fence) === "undecided" ? committed(ctx, fence) : undefined;
	const from = { role: FenceRole.Follower, epoch, mode: WriteMode.Steady, migrationId };
	const fence = await (kind === "leader"
		? moveFences(ctx, region, decide)
		: moveExpectedFences(ctx, region, { from, to: committedCopy(ctx) }, decide));
	const decision = decisionOf(ctx.migration, fence);
	if (decision === "undecided") throw new FencesBusyError(region);
	if (decision === "aborted") throw new MigrationAbortedError("a cancel has taken the decision first");
}

/** The decision itself. */
function committed(ctx: StageContext, current: Fence | undefined): NextFence {
	const { kind, region } = deciderOf(ctx.migration);
	if (kind === "leader") return committedLeader(ctx, current);
	if (!holds(ctx, current) || current?.epoch !== ctx.migration.epoch || current.role !== FenceRole.Follower) {
		throw unexpected(ctx, region, current);
	}
	return committedCopy(ctx);
}

/** The new leader; where leadership stays, the first new copy. */
function committedCopy(ctx: StageContext): NextFence {
	const { kind, region } = deciderOf(ctx.migration);
	const epoch = nextEpoch(ctx);
	if (kind === "join") return fenceOf(ctx, { role: FenceRole.Follower, epoch, leader: ctx.migration.source });
	return fenceOf(ctx, {
		role: FenceRole.Leader,
		epoch,
		leader: region,
		mode: WriteMode.Guarded,
		peers: followersWhileSoaking(ctx),
		seq: 0,
	});
}

/** A leader that stays one, an epoch on. Its mode stays as it is. */
function committedLeader(ctx: StageContext, current: Fence | undefined): NextFence {
	const { source, epoch } = ctx.migration;
	const foreign = current?.migrationId !== undefined && !holds(ctx, current);
	if (current?.role !== FenceRole.Leader || current.epoch !== epoch || foreign) throw unexpected(ctx, source, current);
	const { mode } = current;
	return fenceOf(ctx, { role: FenceRole.Leader, epoch: nextEpoch(ctx), leader: source, mode, peers: followersWhileSoaking(ctx) });
}

/** The old leader learns what was decided. An abort is followed by Cancel. */
async function followDecision(ctx: StageContext): Promise<void> {
	const { source, epoch, plan, migrationId } = ctx.migration;
	const { transfer } = plan;
	const isPast = (fence: Fence | undefined): boolean => fence !== undefined && fence.epoch > epoch;
	if (transfer === undefined) {
		await moveFences(ctx, source, (fence) => (isPast(fence) ? undefined : committedLeader(ctx, fence)));
		return;
	}
	// Its stream may still owe other followers what it accepted as leader: it goes on carrying to them.
	const peers = followersWhileSoaking(ctx).filter((region) => region !== source);
	const follower = fenceOf(ctx, { role: FenceRole.Follower, epoch: nextEpoch(ctx), leader: transfer, peers });
	const from = { role: FenceRole.Fenced, epoch, mode: WriteMode.Guarded, migrationId };
	await moveExpectedFences(ctx, source, { from, to: follower }, (fence) => {
		if (isPast(fence)) return undefined;
		if (!holds(ctx, fence) || fence?.role !== FenceRole.Fenced) throw unexpected(ctx, source, fence);
		return follower;
	});
}

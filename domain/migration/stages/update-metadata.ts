import { changePartition } from "#domain/migration/change-partition.ts";
import { followAt, moveFences } from "#domain/migration/region-fences.ts";
import { nextEpoch, type StageContext, type StageResult } from "#domain/migration/stage-context.ts";
import { followersWhileSoaking } from "#domain/migration/stages/cutover.ts";
import { Phase } from "#domain/partition/record.ts";
import { mapParallel } from "#domain/shared/map-parallel.ts";

/** Tells routing and every follower who leads. Where leadership moved the soak begins, else there is nothing to go back to. */
export async function updateMetadata(ctx: StageContext): Promise<StageResult> {
	const { plan, soakingSinceMs } = ctx.migration;
	const { leaderAfter: leader } = plan.replicas;
	const followers = followersWhileSoaking(ctx);
	const epoch = nextEpoch(ctx);
	const phase = plan.transfer === undefined ? Phase.Settling : Phase.Soaking;
	const record = await changePartition(ctx, (current) =>
		current.phase === Phase.Migrating ? { leader, followers, epoch, phase, canary: undefined } : undefined,
	);
	if (soakingSinceMs === undefined) {
		// The old leader has followed the decision before the record said committed.
		const others = followers.filter((region) => region !== plan.replicas.leaderBefore);
		await mapParallel(others, others.length, (region) => moveFences(ctx, region, followAt(ctx, region, epoch, leader)));
	}
	const nowMs = ctx.clock.nowMs();
	const waitSeconds = Math.min(plan.soakSeconds, plan.soakTickSeconds);
	const wait = record.phase === Phase.Soaking && soakingSinceMs === undefined && waitSeconds > 0;
	return {
		output: wait ? { outcome: "wait", waitSeconds: Math.ceil(waitSeconds) } : { outcome: "done" },
		change: (migration) => ({ ...migration, soakingSinceMs: migration.soakingSinceMs ?? nowMs }),
	};
}

import { closed } from "#domain/migration/amend-record.ts";
import { changePartition, readClaimed } from "#domain/migration/change-partition.ts";
import { MigrationConflictError } from "#domain/migration/errors.ts";
import { MigrationState } from "#domain/migration/record.ts";
import { releasePartition } from "#domain/migration/release-partition.ts";
import { nextEpoch, type StageContext, type StageResult } from "#domain/migration/stage-context.ts";
import { Phase } from "#domain/partition/record.ts";

/** Lets go of the partition: steady, journal empty, fences free, phase active. Then the record is closed. */
export async function settle(ctx: StageContext): Promise<StageResult> {
	const { replicas, transfer, joins, removals } = ctx.migration.plan;
	const claimed = ctx.found ?? (await readClaimed(ctx));
	if (claimed.phase !== Phase.Settling) throw new MigrationConflictError(`the partition is ${claimed.phase}, not settling`);
	await releasePartition(ctx, { leader: replicas.leaderAfter, followers: replicas.followersAfter, epoch: nextEpoch(ctx) });
	const nowMs = ctx.clock.nowMs();
	const active = {
		phase: Phase.Active,
		followers: replicas.followersAfter,
		migrationId: undefined,
		canary: undefined,
		...(joins.length + removals.length === 0 ? {} : { copiesSinceMs: nowMs }),
		...(transfer === undefined ? {} : { leaderSinceMs: nowMs }),
	};
	await changePartition(ctx, () => active, claimed);
	return { output: { outcome: "done" }, change: (record) => closed(record, MigrationState.Completed, nowMs) };
}

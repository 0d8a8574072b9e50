import { MigrationAbortedError } from "#domain/migration/errors.ts";
import type { StageContext } from "#domain/migration/stage-context.ts";
import type { PartitionRecord } from "#domain/partition/record.ts";

/** A freeze takes a move before its decision back. @throws MigrationAbortedError */
export async function stopIfFrozen(ctx: StageContext, record: PartitionRecord): Promise<void> {
	const freeze = await ctx.metadata.readFreeze();
	const { leaderBefore, leaderAfter } = ctx.migration.plan.replicas;
	const frozen =
		freeze.global || record.frozen === true || freeze.regions.some((region) => region === leaderBefore || region === leaderAfter);
	if (frozen) throw new MigrationAbortedError("the partition or its region has been frozen", "migration.frozen");
}

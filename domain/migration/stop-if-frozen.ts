import { MigrationAbortedError } from "#domain/migration/errors.ts";
import type { MigrationPlan } from "#domain/migration/plan-schema.ts";
import type { StageContext } from "#domain/migration/stage-context.ts";
import type { PartitionRecord } from "#domain/partition/record.ts";
import type { Freeze } from "#domain/ports/metadata-store.ts";

/** What a freeze of a region has to name to concern a plan: where data or leadership comes from or goes to. */
type Touched = Pick<MigrationPlan, "joins" | "removals"> & {
	readonly replicas: Pick<MigrationPlan["replicas"], "leaderBefore" | "leaderAfter">;
};

/** What freezes a plan on a partition, in words; undefined where nothing does. */
export function freezeOf(freeze: Freeze, record: Pick<PartitionRecord, "frozen">, plan: Touched): string | undefined {
	if (freeze.global) return "all partitions are frozen";
	if (record.frozen === true) return "the partition is frozen";
	const { leaderBefore, leaderAfter } = plan.replicas;
	const region = [leaderBefore, leaderAfter, ...plan.joins, ...plan.removals].find((candidate) => freeze.regions.includes(candidate));
	return region === undefined ? undefined : `${region} is frozen`;
}

/** What freezes this migration now. */
export const frozenBy = async (ctx: StageContext, record: PartitionRecord): Promise<string | undefined> =>
	freezeOf(await ctx.metadata.readFreeze(), record, ctx.migration.plan);

/** A freeze takes a move before its decision back. @throws MigrationAbortedError */
export async function stopIfFrozen(ctx: StageContext, record: PartitionRecord): Promise<void> {
	const reason = await frozenBy(ctx, record);
	if (reason !== undefined) throw new MigrationAbortedError(reason, "migration.frozen");
}

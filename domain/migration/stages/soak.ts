import { carryJournal } from "#domain/migration/carry-journal.ts";
import { changePartition } from "#domain/migration/change-partition.ts";
import { MigrationConflictError } from "#domain/migration/errors.ts";
import { DONE, nextEpoch, type StageContext, type StageResult, secondsUntil } from "#domain/migration/stage-context.ts";
import { Phase } from "#domain/partition/record.ts";

/**
 * One look while both regions hold everything: the new leader's journal goes back to the old one, so that going back moves only a
 * journal. Ends in settling or rolling back: the partition's phase changes under one condition, so one of them wins.
 */
export async function soak(ctx: StageContext): Promise<StageResult> {
	const { plan, source, requested } = ctx.migration;
	const startedMs = ctx.migration.soakingSinceMs;
	if (startedMs === undefined) throw new Error("soak before the metadata was updated");
	const endsAtMs = startedMs + plan.soakSeconds * 1000;
	// Where leadership stays there is nothing to go back to: UpdateMetadata has set the phase already.
	const over = ctx.clock.nowMs() >= endsAtMs || plan.transfer === undefined;
	const leave = requested === "rollback" ? Phase.RollingBack : over ? Phase.Settling : undefined;
	if (leave !== undefined) return end(ctx, leave);
	// One pass is enough: nobody waits for the journal to be empty before Settle.
	await carryJournal(ctx, { from: plan.replicas.leaderAfter, to: [source], epoch: nextEpoch(ctx) }, Number.POSITIVE_INFINITY);
	const waitSeconds = Math.min(Math.ceil(plan.soakTickSeconds), secondsUntil(ctx.clock, endsAtMs));
	return { output: { outcome: "again", waitSeconds } };
}

/** What another executor has decided meanwhile counts. */
async function end(ctx: StageContext, wanted: Phase): Promise<StageResult> {
	const { phase } = await changePartition(ctx, (record) => (record.phase === Phase.Soaking ? { phase: wanted } : undefined));
	if (phase === Phase.RollingBack) return { output: { outcome: "rollback" } };
	if (phase === Phase.Settling) return DONE;
	throw new MigrationConflictError(`the partition is ${phase}, not soaking`);
}

import { carryJournal } from "#domain/migration/carry-journal.ts";
import { changePartition, readClaimed } from "#domain/migration/change-partition.ts";
import { MigrationConflictError } from "#domain/migration/errors.ts";
import { soakBreach } from "#domain/migration/judge-step.ts";
import type { MigrationRecord } from "#domain/migration/record.ts";
import { HOLD_TICKS } from "#domain/migration/settings.ts";
import { DONE, nextEpoch, type StageContext, type StageResult, secondsUntil } from "#domain/migration/stage-context.ts";
import { frozenBy } from "#domain/migration/stop-if-frozen.ts";
import { type PartitionRecord, Phase } from "#domain/partition/record.ts";

/**
 * One look while both regions hold everything: the new leader's journal goes back to the old one, so that going back moves only a
 * journal. Ends in settling or rolling back, the latter by an operator's word or because the new leader does worse than the plan allows: the partition's phase changes under one condition, so one of them wins.
 */
export async function soak(ctx: StageContext): Promise<StageResult> {
	const { plan, source, requested } = ctx.migration;
	const startedMs = ctx.migration.soakingSinceMs;
	if (startedMs === undefined) throw new Error("soak before the metadata was updated");
	const endsAtMs = startedMs + plan.soakSeconds * 1000;
	// Where leadership stays there is nothing to go back to: UpdateMetadata has set the phase already.
	const over = ctx.clock.nowMs() >= endsAtMs || plan.transfer === undefined;
	const goBack = requested === "rollback" ? "an operator asked to go back" : await breachOf(ctx, startedMs);
	if (goBack !== undefined) return end(ctx, Phase.RollingBack, await readClaimed(ctx), goBack);
	const found = over ? await readClaimed(ctx) : undefined;
	// What another execution has begun to settle goes on: a copy half removed is no safe state.
	const frozen = found?.phase === Phase.Soaking && (await frozenBy(ctx, found)) !== undefined;
	if (found !== undefined && !frozen) return end(ctx, Phase.Settling, found);
	// One pass is enough: nobody waits for the journal to be empty before Settle.
	await carryJournal(ctx, { from: plan.replicas.leaderAfter, to: [source], epoch: nextEpoch(ctx) }, Number.POSITIVE_INFINITY);
	if (frozen) return hold(ctx);
	const waitSeconds = Math.min(Math.ceil(plan.soakTickSeconds), secondsUntil(ctx.clock, endsAtMs));
	return { output: { outcome: "again", waitSeconds } };
}

/**
 * Frozen: what would follow deletes a copy or gives up the way back, so the migration stays here, where one region leads, nobody waits
 * and every copy is complete, until the freeze is lifted or an operator asks to go back.
 */
function hold({ migration, clock }: StageContext): StageResult {
	const output = { outcome: "again", waitSeconds: Math.ceil(migration.plan.soakTickSeconds) * HOLD_TICKS } as const;
	if (migration.heldSinceMs !== undefined) return { output };
	const heldSinceMs = clock.nowMs();
	return { output, change: (record) => ({ ...record, heldSinceMs: record.heldSinceMs ?? heldSinceMs }) };
}

/** Where leadership stays there is nobody to judge. */
const breachOf = (ctx: StageContext, sinceMs: number): Promise<string | undefined> =>
	ctx.migration.plan.transfer === undefined ? Promise.resolve(undefined) : soakBreach(ctx, sinceMs);

/** What another executor has decided meanwhile counts. */
async function end(ctx: StageContext, wanted: Phase, found: PartitionRecord, reason?: string): Promise<StageResult> {
	const { phase } = await changePartition(ctx, (record) => (record.phase === Phase.Soaking ? { phase: wanted } : undefined), found);
	if (phase === Phase.RollingBack) {
		const change = (record: MigrationRecord) => (reason === undefined || record.reason !== undefined ? record : { ...record, reason });
		return { output: { outcome: "rollback" }, change };
	}
	if (phase === Phase.Settling) return DONE;
	throw new MigrationConflictError(`the partition is ${phase}, not soaking`);
}

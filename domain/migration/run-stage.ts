import { amendRecord, closed, endOf, withRun } from "#domain/migration/amend-record.ts";
import { closeUnclaimed } from "#domain/migration/close-unclaimed.ts";
import { FencesBusyError, MigrationConflictError } from "#domain/migration/errors.ts";
import { type MigrationRecord, MigrationState, type StageRun } from "#domain/migration/record.ts";
import { STAGE_BUDGET_MS } from "#domain/migration/settings.ts";
import type { StageContext, StageDeps, StageOutput, StageResult } from "#domain/migration/stage-context.ts";
import { cancel } from "#domain/migration/stages/cancel.ts";
import { createReplica } from "#domain/migration/stages/create-replica.ts";
import { cutover } from "#domain/migration/stages/cutover.ts";
import { quiesce } from "#domain/migration/stages/quiesce.ts";
import { removeSource } from "#domain/migration/stages/remove-source.ts";
import { rollBack } from "#domain/migration/stages/roll-back.ts";
import { settle } from "#domain/migration/stages/settle.ts";
import { shiftTraffic } from "#domain/migration/stages/shift-traffic.ts";
import { soak } from "#domain/migration/stages/soak.ts";
import { synchronize } from "#domain/migration/stages/synchronize.ts";
import { updateMetadata } from "#domain/migration/stages/update-metadata.ts";
import { verify } from "#domain/migration/stages/verify.ts";
import { Stage } from "#domain/migration/stages.ts";
import { OperatingError } from "#domain/shared/errors.ts";

/** Every stage but Plan, which begins without a record. */
export type RecordedStage = Exclude<Stage, "Plan">;

const WORK: Readonly<Record<RecordedStage, (ctx: StageContext) => Promise<StageResult>>> = {
	CreateReplica: createReplica,
	Quiesce: quiesce,
	Synchronize: synchronize,
	Verify: verify,
	ShiftTraffic: shiftTraffic,
	Cutover: cutover,
	UpdateMetadata: updateMetadata,
	Soak: soak,
	RemoveSource: removeSource,
	Settle: settle,
	Cancel: cancel,
	RollBack: rollBack,
};

/** Characters of a message that a record keeps. */
const MAX_MESSAGE = 500;

/** The stages that close a record: run again after that, they say so once more. */
const CLOSING: ReadonlySet<Stage> = new Set([Stage.Settle, Stage.Cancel, Stage.RollBack]);

/**
 * Runs one stage of a migration and writes its run into the record. Running it again, after a crash or next to another executor, ends
 * in the same state.
 *
 * @param reason why the state machine came here, for Cancel
 * @throws MigrationConflictError when the migration has ended or never begun; what the stage throws
 */
export async function runStage(deps: StageDeps, stage: RecordedStage, migrationId: string, reason?: string): Promise<StageOutput> {
	const startedAtMs = deps.clock.nowMs();
	const migration = await deps.migrations.read(migrationId);
	if (migration === undefined || migration.state !== MigrationState.Running) return alreadyEnded(deps, stage, migration, migrationId);
	const ctx: StageContext = { ...deps, migration, partition: migration.partition, deadlineMs: startedAtMs + STAGE_BUDGET_MS };
	const run = (outcome: string) => ({ stage, startedAtMs, endedAtMs: deps.clock.nowMs(), outcome });
	try {
		const found = CLOSING.has(stage) ? await deps.metadata.readControl(ctx.partition) : undefined;
		// A closing stage died between letting go of the partition and closing the record.
		if (CLOSING.has(stage) && found?.migrationId !== migrationId) return await closeAsFound(ctx, stage, reason);
		const { output, change } = await WORK[stage](found === undefined ? ctx : { ...ctx, found });
		// A further look that changed nothing is not worth a write.
		if (change === undefined && output.outcome === "again" && migration.stage === stage) return output;
		await amendRecord(deps, migration, (record) => withRun((change ?? same)(withReason(record, output, reason)), run(output.outcome)));
		return output;
	} catch (error) {
		if (error instanceof OperatingError) await recordFailure(deps, migration, error, run(error.code));
		throw error;
	}
}

/** What failed belongs into the record: the execution's own history ends with the execution. The failure itself is what the caller has to see. */
async function recordFailure(deps: StageDeps, migration: MigrationRecord, error: OperatingError, run: StageRun): Promise<void> {
	const { name, code, message } = error;
	const lastError = { stage: run.stage, name, code, message: message.slice(0, MAX_MESSAGE), atMs: run.endedAtMs };
	const known = migration.lastError;
	if (error.retryable && known?.stage === run.stage && known.message === lastError.message) return;
	try {
		await amendRecord(deps, migration, (record) => ({ ...(error.retryable ? record : withRun(record, run)), lastError }));
	} catch (later) {
		if (!(later instanceof OperatingError)) throw later;
	}
}

async function closeAsFound(ctx: StageContext, stage: Stage, reason: string | undefined): Promise<StageOutput> {
	const state = endOf(ctx.migration);
	if (state === MigrationState.Failed) await closeOrRetry(ctx, ctx.migration, reason);
	else await amendRecord(ctx, ctx.migration, (record) => closed(record, state, ctx.clock.nowMs(), reason));
	return ended(stage);
}

/** @throws FencesBusyError when the partition has been claimed meanwhile: the stage runs again and takes the claim back */
async function closeOrRetry(deps: StageDeps, record: MigrationRecord, reason?: string): Promise<void> {
	if ((await closeUnclaimed(deps, record, reason)) === "claimed") throw new FencesBusyError(record.partition);
}

const ended = (stage: Stage): StageOutput => ({ outcome: stage === Stage.Cancel ? "cancelled" : "done" });

async function alreadyEnded(
	deps: StageDeps,
	stage: Stage,
	migration: MigrationRecord | undefined,
	migrationId: string,
): Promise<StageOutput> {
	// Whoever closed it may have died before it forbade the claim.
	if (CLOSING.has(stage) && migration?.state === MigrationState.Failed) await closeOrRetry(deps, migration);
	if (CLOSING.has(stage)) return ended(stage);
	throw new MigrationConflictError(`${migrationId} ${migration === undefined ? "has no record" : `is ${migration.state}`}`, {
		migrationId,
	});
}

const same = (record: MigrationRecord): MigrationRecord => record;

/** Why Cancel was called is why the migration was cancelled, unless it turns out to be committed. */
const withReason = (record: MigrationRecord, output: StageOutput, reason: string | undefined): MigrationRecord =>
	reason === undefined || output.outcome !== "cancelled" ? record : { ...record, reason };

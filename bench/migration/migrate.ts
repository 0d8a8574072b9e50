import assert from "node:assert";
import type { MigrationWorld } from "#bench/migration/world.ts";
import { migrationIdOf } from "#domain/migration/migration-id.ts";
import type { PlanAction } from "#domain/migration/request.ts";
import { type RecordedStage, runStage } from "#domain/migration/run-stage.ts";
import { planMigration } from "#domain/migration/stages/plan.ts";
import { Stage } from "#domain/migration/stages.ts";
import type { PartitionId } from "#domain/partition/partition-id.ts";
import { GUARD_TTL_MS } from "#domain/partition/settings.ts";

/** What a migration that finds nothing in its way goes through after Plan. */
const STAGES: readonly RecordedStage[] = [
	Stage.CreateReplica,
	Stage.Quiesce,
	Stage.Synchronize,
	Stage.Verify,
	Stage.ShiftTraffic,
	Stage.Cutover,
	Stage.UpdateMetadata,
	Stage.Soak,
	Stage.RemoveSource,
	Stage.Settle,
];

/** Seconds after which no writer here believes in steady mode: the guard's time to live and more than one write takes. */
const QUIESCE_SECONDS = GUARD_TTL_MS / 1000 + 0.5;

/** Whether somebody writes meanwhile, which a quiesce is for; and who is told where a migration is, before and after each stage. */
export interface MigrateOptions {
	readonly writers?: boolean;
	before?(stage: RecordedStage): void;
	after?(stage: RecordedStage): void;
}

/**
 * Carries out a migration without canary and soak, the stages one after the other as the state machine would.
 *
 * @returns ms that each stage has worked, without the waits between them
 */
export async function migrate(
	{ stages, clock }: MigrationWorld,
	partition: PartitionId,
	actions: readonly PlanAction[],
	options: MigrateOptions = {},
): Promise<ReadonlyMap<RecordedStage, number>> {
	const settings = { ...stages.settings, quiesceSeconds: options.writers === true ? QUIESCE_SECONDS : 0 };
	const deps = { ...stages, settings };
	const record = await deps.metadata.readControl(partition);
	assert(record !== undefined, `${partition} does not exist`);
	const migrationId = migrationIdOf(partition, record.epoch);
	await planMigration(deps, { migrationId, partition, epoch: record.epoch, actions, requestedBy: "operator", soakSeconds: 0, canary: [] });
	const workMs = new Map<RecordedStage, number>();
	for (const stage of STAGES) {
		options.before?.(stage);
		for (let again = true; again; ) {
			const startedMs = performance.now();
			const output = await runStage(deps, stage, migrationId);
			workMs.set(stage, (workMs.get(stage) ?? 0) + performance.now() - startedMs);
			again = output.outcome === "again";
			if ("waitSeconds" in output) await clock.sleep(output.waitSeconds * 1000);
		}
		options.after?.(stage);
	}
	const ended = await deps.migrations.read(migrationId);
	assert(ended?.state === "completed", `${migrationId} is ${ended?.state}`);
	return workMs;
}

/** All stages together. */
export const totalMs = (workMs: ReadonlyMap<RecordedStage, number>): number => [...workMs.values()].reduce((sum, ms) => sum + ms, 0);

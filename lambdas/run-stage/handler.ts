import { type RecordedStage, runStage } from "#domain/migration/run-stage.ts";
import type { StageDeps, StageOutput } from "#domain/migration/stage-context.ts";
import { planMigration } from "#domain/migration/stages/plan.ts";
import { Stage } from "#domain/migration/stages.ts";
import { createDeps } from "#lambdas/run-stage/create-deps.ts";
import { readEnv } from "#lambdas/run-stage/env.ts";
import { failureLine } from "#lambdas/run-stage/failure-line.ts";
import { reasonOf, requestSchema, stageSchema } from "#lambdas/run-stage/stage-input.ts";
import { runtime } from "#lambdas/shared/runtime.ts";

let made: StageDeps | undefined;

/** Connections are made once an instance and then kept. */
function deps(): StageDeps {
	made ??= createDeps(readEnv(process.env), runtime());
	return made;
}

const stage =
	(name: RecordedStage) =>
	(event: unknown): Promise<StageOutput> => {
		const { migrationId, error } = stageSchema.parse(event);
		return logged(name, migrationId, () => runStage(deps(), name, migrationId, reasonOf(error)));
	};

/** A failure is said once where it happens: what Step Functions keeps of it is gone after 90 days. */
async function logged(name: Stage, migrationId: string, work: () => Promise<StageOutput>): Promise<StageOutput> {
	try {
		return await work();
	} catch (error) {
		process.stdout.write(`${JSON.stringify(failureLine(name, migrationId, error))}\n`);
		throw error;
	}
}

/** Claims the partition and records the plan; its event is the request itself. */
export const plan = (event: unknown): Promise<StageOutput> => {
	const request = requestSchema.parse(event);
	return logged(Stage.Plan, request.migrationId, () => planMigration(deps(), request));
};

export const createReplica = stage(Stage.CreateReplica);
export const quiesce = stage(Stage.Quiesce);
export const synchronize = stage(Stage.Synchronize);
export const verify = stage(Stage.Verify);
export const shiftTraffic = stage(Stage.ShiftTraffic);
export const cutover = stage(Stage.Cutover);
export const updateMetadata = stage(Stage.UpdateMetadata);
export const soak = stage(Stage.Soak);
export const removeSource = stage(Stage.RemoveSource);
export const settle = stage(Stage.Settle);
export const cancel = stage(Stage.Cancel);
export const rollBack = stage(Stage.RollBack);

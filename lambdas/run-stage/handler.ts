import { MetricUnit } from "@aws-lambda-powertools/metrics";
import { type RecordedStage, runStage } from "#domain/migration/run-stage.ts";
import type { StageDeps, StageOutput } from "#domain/migration/stage-context.ts";
import { planMigration } from "#domain/migration/stages/plan.ts";
import { Stage } from "#domain/migration/stages.ts";
import { createDeps } from "#lambdas/run-stage/create-deps.ts";
import { readEnv } from "#lambdas/run-stage/env.ts";
import { failureLine } from "#lambdas/run-stage/failure-line.ts";
import { reasonOf, requestSchema, stageSchema } from "#lambdas/run-stage/stage-input.ts";
import { observe, observed } from "#lambdas/shared/observed.ts";
import { runtime } from "#lambdas/shared/runtime.ts";

let made: StageDeps | undefined;

/** Connections are made once an instance and then kept. */
function deps(): StageDeps {
	made ??= createDeps(readEnv(process.env), runtime());
	return made;
}

const observing = observe("run-stage");

/** A stage's function: its runs and their time are metrics by stage. */
const stageHandler = (name: Stage, run: (event: unknown) => Promise<StageOutput>) =>
	observed<unknown, StageOutput>(
		observing,
		async (event, { metrics }) => {
			const { clock } = runtime();
			const startedMs = clock.nowMs();
			metrics.addMetric("StageRuns", MetricUnit.Count, 1);
			let failed = 1;
			try {
				const output = await run(event);
				failed = 0;
				return output;
			} finally {
				metrics.addMetric("StageFailures", MetricUnit.Count, failed);
				metrics.addMetric("StageMs", MetricUnit.Milliseconds, clock.nowMs() - startedMs);
			}
		},
		{ dimension: ["stage", name] },
	);

const stage = (name: RecordedStage) =>
	stageHandler(name, (event) => {
		const { migrationId, error } = stageSchema.parse(event);
		return logged(name, migrationId, () => runStage(deps(), name, migrationId, reasonOf(error)));
	});

/** A failure is said once where it happens: what Step Functions keeps of it is gone after 90 days. */
async function logged(name: Stage, migrationId: string, work: () => Promise<StageOutput>): Promise<StageOutput> {
	try {
		return await work();
	} catch (error) {
		observing.log(failureLine(name, migrationId, error));
		throw error;
	}
}

/** Claims the partition and records the plan; its event is the request itself. */
export const plan = stageHandler(Stage.Plan, (event) => {
	const request = requestSchema.parse(event);
	return logged(Stage.Plan, request.migrationId, () => planMigration(deps(), request));
});

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

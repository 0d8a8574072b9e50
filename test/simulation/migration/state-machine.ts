import { readFileSync } from "node:fs";
import type { MigrationRequest } from "#domain/migration/request.ts";
import { runStage } from "#domain/migration/run-stage.ts";
import type { StageDeps, StageOutput } from "#domain/migration/stage-context.ts";
import { planMigration } from "#domain/migration/stages/plan.ts";
import { Stage } from "#domain/migration/stages.ts";

interface State {
	readonly Type: "Task" | "Choice" | "Wait" | "Succeed" | "Fail";
	readonly Next?: string;
	readonly Default?: string;
	readonly Choices?: readonly { readonly StringEquals: string; readonly Next: string }[];
	readonly Retry?: readonly { readonly ErrorEquals: readonly string[]; readonly IntervalSeconds: number; readonly MaxAttempts: number }[];
	readonly Catch?: readonly { readonly ErrorEquals: readonly string[]; readonly Next: string }[];
}
const machine = JSON.parse(readFileSync(new URL("../../../state-machines/migrate.asl.json", import.meta.url), "utf8")) as {
	StartAt: string;
	States: Record<string, State>;
};

/** The whole execution is gone: nothing of it runs any more. */
export class ExecutionDied extends Error {
	override name = "ExecutionDied";
}

export interface Execution {
	readonly deps: StageDeps;
	readonly request: MigrationRequest;
	readonly sleep: (ms: number) => Promise<void>;
	/** Before every run of a stage. */
	readonly onStage?: (stage: Stage) => Promise<void> | void;
}

/** Follows the real state machine's definition; as much of the language as it uses. Returns the name of the last state, or of the error. */
export async function execute(execution: Execution): Promise<string> {
	let name = machine.StartAt;
	let output: StageOutput | undefined;
	let reason: string | undefined;
	for (let steps = 0; steps < 500; steps++) {
		const state = machine.States[name];
		if (state === undefined) throw new Error(`no state ${name}`);
		if (state.Type === "Succeed" || state.Type === "Fail") return name;
		if (state.Type === "Wait" && output !== undefined && "waitSeconds" in output) await execution.sleep(output.waitSeconds * 1000);
		let next = state.Next;
		if (state.Type === "Choice") {
			const { outcome } = output ?? {};
			next = state.Choices?.find((choice) => choice.StringEquals === outcome)?.Next ?? state.Default;
		}
		if (state.Type === "Task") {
			const result = await attempt(execution, name as Stage, state, reason);
			if ("output" in result) output = result.output;
			else {
				const caught = state.Catch?.find(
					({ ErrorEquals }) => ErrorEquals.includes(result.error.name) || ErrorEquals.includes("States.ALL"),
				);
				if (caught === undefined) return result.error.name;
				reason = `${result.error.name}: ${result.error.message}`;
				next = caught.Next;
			}
		}
		if (next === undefined) throw new Error(`${name} leads nowhere`);
		name = next;
	}
	throw new Error("an execution without end");
}

async function attempt(
	{ deps, request, sleep, onStage }: Execution,
	stage: Stage,
	state: State,
	reason: string | undefined,
): Promise<{ readonly output: StageOutput } | { readonly error: Error }> {
	for (let attempts = 0; ; attempts++) {
		await onStage?.(stage);
		try {
			const output = stage === Stage.Plan ? planMigration(deps, request) : runStage(deps, stage, request.migrationId, reason);
			return { output: await output };
		} catch (error) {
			if (!(error instanceof Error) || error instanceof ExecutionDied) throw error;
			const retry = state.Retry?.find(({ ErrorEquals }) => ErrorEquals.includes(error.name));
			if (retry === undefined || attempts >= retry.MaxAttempts) return { error };
			await sleep(retry.IntervalSeconds * 1000);
		}
	}
}

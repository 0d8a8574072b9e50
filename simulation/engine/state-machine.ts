import { readFileSync } from "node:fs";
import type { MigrationRequest } from "#domain/migration/request.ts";
import { runStage } from "#domain/migration/run-stage.ts";
import type { StageDeps, StageOutput } from "#domain/migration/stage-context.ts";
import { planMigration } from "#domain/migration/stages/plan.ts";
import { Stage } from "#domain/migration/stages.ts";

interface Retry {
	readonly ErrorEquals: readonly string[];
	readonly IntervalSeconds: number;
	readonly BackoffRate: number;
	readonly MaxDelaySeconds: number;
	readonly MaxAttempts: number;
}

interface State {
	readonly Type: "Task" | "Choice" | "Wait" | "Succeed" | "Fail";
	readonly Next?: string;
	readonly Default?: string;
	readonly Choices?: readonly { readonly StringEquals: string; readonly Next: string }[];
	readonly Retry?: readonly Retry[];
	readonly Catch?: readonly { readonly ErrorEquals: readonly string[]; readonly Next: string }[];
}

const machine = JSON.parse(readFileSync(new URL("../../state-machines/migrate.asl.json", import.meta.url), "utf8")) as {
	StartAt: string;
	States: Record<string, State>;
};

/** More steps than any execution takes. */
const MAX_STEPS = 5_000;

/** The whole execution is gone: nothing of it runs any more. */
export class ExecutionDied extends Error {
	override name = "ExecutionDied";
}

/** What an execution needs: someone to run its stages, and time. */
export interface Walk {
	/** @throws Error whose `name` the machine's Retry and Catch match; ExecutionDied ends the walk */
	readonly invoke: (stage: Stage, reason: string | undefined) => Promise<StageOutput>;
	readonly sleep: (ms: number) => Promise<void>;
	/** Of a delay between retries, 0..1 (the machine asks for full jitter). Without it: 1. */
	readonly jitter?: () => number;
}

/** Follows the real state machine's definition; as much of the language as it uses. Returns the name of the last state, or of the error. */
export async function walkMachine(walk: Walk): Promise<string> {
	let name = machine.StartAt;
	let output: StageOutput | undefined;
	let reason: string | undefined;
	for (let steps = 0; steps < MAX_STEPS; steps++) {
		const state = machine.States[name];
		if (state === undefined) throw new Error(`no state ${name}`);
		if (state.Type === "Succeed" || state.Type === "Fail") return name;
		if (state.Type === "Wait" && output !== undefined && "waitSeconds" in output) await walk.sleep(output.waitSeconds * 1000);
		let next = state.Next;
		if (state.Type === "Choice") {
			const { outcome } = output ?? {};
			next = state.Choices?.find((choice) => choice.StringEquals === outcome)?.Next ?? state.Default;
		}
		if (state.Type === "Task") {
			const result = await attempt(walk, name as Stage, state, reason);
			if ("output" in result) output = result.output;
			else {
				const caught = state.Catch?.find(({ ErrorEquals }) => matches(ErrorEquals, result.error));
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

const matches = (names: readonly string[], error: Error): boolean => names.includes(error.name) || names.includes("States.ALL");

async function attempt(
	walk: Walk,
	stage: Stage,
	state: State,
	reason: string | undefined,
): Promise<{ readonly output: StageOutput } | { readonly error: Error }> {
	for (let attempts = 0; ; attempts++) {
		try {
			return { output: await walk.invoke(stage, reason) };
		} catch (error) {
			if (!(error instanceof Error) || error instanceof ExecutionDied) throw error;
			const retry = state.Retry?.find(({ ErrorEquals }) => ErrorEquals.includes(error.name));
			if (retry === undefined || attempts >= retry.MaxAttempts) return { error };
			const seconds = Math.min(retry.IntervalSeconds * retry.BackoffRate ** attempts, retry.MaxDelaySeconds);
			await walk.sleep(seconds * 1000 * (walk.jitter?.() ?? 1));
		}
	}
}

export interface Execution {
	readonly deps: StageDeps;
	readonly request: MigrationRequest;
	readonly sleep: (ms: number) => Promise<void>;
	/** Before every run of a stage. */
	readonly onStage?: (stage: Stage) => Promise<void> | void;
}

/** One execution whose stages run in place. */
export const execute = ({ deps, request, sleep, onStage }: Execution): Promise<string> =>
	walkMachine({
		sleep,
		invoke: async (stage, reason) => {
			await onStage?.(stage);
			return invokeStage(deps, stage, request, reason);
		},
	});

/** Runs one stage as its Lambda does. */
export const invokeStage = (deps: StageDeps, stage: Stage, request: MigrationRequest, reason: string | undefined): Promise<StageOutput> =>
	stage === Stage.Plan ? planMigration(deps, request) : runStage(deps, stage, request.migrationId, reason);

import { readFileSync } from "node:fs";
import { StateMachine } from "aws-local-stepfunctions";
import { STATE_MACHINES } from "#infra/description/state-machines.ts";

export interface AslState {
	readonly Type: string;
	readonly Comment?: string;
	readonly Resource?: string;
	readonly Next?: string;
	readonly Default?: string;
	readonly Choices?: readonly {
		readonly Variable?: string;
		readonly StringEquals?: string;
		readonly NumericGreaterThan?: number;
		readonly Next: string;
	}[];
	readonly Retry?: readonly { readonly ErrorEquals: readonly string[]; readonly MaxAttempts?: number }[];
	readonly Catch?: readonly { readonly ErrorEquals: readonly string[]; readonly Next: string }[];
	readonly ItemProcessor?: { readonly States: Readonly<Record<string, AslState>> };
}
export interface AslMachine {
	readonly TimeoutSeconds: number;
	readonly States: Readonly<Record<string, AslState>>;
}

/** The machine of a file, its placeholders replaced by ARNs that no one calls. */
export function readMachine(name: string): AslMachine {
	const file = STATE_MACHINES.find((machine) => machine.name === name)?.definition ?? "";
	const arn = "arn:aws:lambda:us-east-1:000000000000:function:$1";
	return JSON.parse(readFileSync(file, "utf8").replaceAll(/\$\{(\w+)\}/g, arn)) as AslMachine;
}

/** All states, those inside maps too. */
export const statesOf = (states: AslMachine["States"]): readonly (readonly [string, AslState])[] =>
	Object.entries(states).flatMap(([name, state]) => [
		[name, state] as const,
		...(state.ItemProcessor === undefined ? [] : statesOf(state.ItemProcessor.States)),
	]);

/** What one task does the first time it runs; afterwards it does what is usual. */
export type Turn = { readonly task: string; readonly output: unknown } | { readonly task: string; readonly error: string };

export interface Walk {
	/** Names of the states that were entered, in order. */
	readonly entered: readonly string[];
	/** `state -> next` of every error that was caught. */
	readonly caught: readonly string[];
}

/** Runs a machine by the interpreter that the local cloud uses, with tasks that answer as told. Waits and retries take no time. */
export async function walk(machine: AslMachine, usual: (task: string) => unknown, turns: readonly Turn[], input: unknown): Promise<Walk> {
	const states = statesOf(machine.States);
	const ran = new Map<string, number>();
	const handler = (task: string) => async (): Promise<unknown> => {
		const turn = turns.filter((one) => one.task === task)[ran.get(task) ?? 0];
		ran.set(task, (ran.get(task) ?? 0) + 1);
		if (turn === undefined) return usual(task);
		if ("error" in turn) throw Object.assign(new Error("as told"), { name: turn.error });
		return turn.output;
	};
	const named = (type: string): string[] => states.filter(([, state]) => state.Type === type).map(([name]) => name);
	const run = interpreterOf(machine).run(input as never, {
		overrides: {
			taskResourceLocalHandlers: Object.fromEntries(named("Task").map((task) => [task, handler(task)])) as never,
			waitTimeOverrides: Object.fromEntries(named("Wait").map((name) => [name, 0])),
			retryIntervalOverrides: Object.fromEntries(states.filter(([, { Retry }]) => Retry !== undefined).map(([name]) => [name, 0])),
		},
	});
	// What a scenario ends in is for the walk to say
	run.result.catch(() => undefined);
	const entered: string[] = [];
	const caught: { readonly name: string; readonly at: number }[] = [];
	for await (const event of run.eventLogs) {
		if (event.type === "StateEntered") entered.push(event.state.name);
		if (event.type === "StateCaught") caught.push({ name: event.state.name, at: entered.length });
	}
	return { entered, caught: caught.map(({ name, at }) => `${name} -> ${entered[at] ?? "?"}`) };
}

/** An interpreter checks its machine when it is made, which takes longer than a walk. */
const interpreters = new WeakMap<AslMachine, StateMachine>();

function interpreterOf(machine: AslMachine): StateMachine {
	const definition = machine as unknown as ConstructorParameters<typeof StateMachine>[0];
	const made = interpreters.get(machine) ?? new StateMachine(definition, { validationOptions: { checkArn: false } });
	interpreters.set(machine, made);
	return made;
}

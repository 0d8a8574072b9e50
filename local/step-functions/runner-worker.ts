import assert from "node:assert";
import { parentPort, workerData } from "node:worker_threads";
import { installHostTimers } from "#local/step-functions/host-timers.ts";
import type { ExecutionEnd, FromRunner, RunnerData, ToRunner } from "#local/step-functions/runner-protocol.ts";
import { taskResources } from "#local/step-functions/task-resources.ts";

/** The thread of the ASL interpreter. Its timers are the host's, so waits, retries and timeouts pass in the host's time. */
assert(parentPort !== null, "the runner runs in a worker thread");
const port = parentPort;
const data = workerData as RunnerData;
const send = (message: FromRunner): void => port.postMessage(message);

const realSetImmediate = setImmediate;
const fire = installHostTimers(
	{ set: (timerId, ms) => send({ type: "set-timer", timerId, ms }), clear: (timerId) => send({ type: "clear-timer", timerId }) },
	data.time,
);

// Imported after the timers are in place: the interpreter must not keep the real ones.
const { StateMachine, ExecutionAbortedError, ExecutionTimeoutError } = await import("aws-local-stepfunctions");

type Definition = ConstructorParameters<typeof StateMachine>[0];
/** By the tests of `state-machines/`, with this validator and another one: doing it again would be a quarter of a start. */
const VALIDATED = { validationOptions: { noValidate: true } } as const;
const machines = new Map(
	Object.entries(data.machines).map(([name, definition]) => [
		name,
		{ machine: new StateMachine(definition as Definition, VALIDATED), resources: taskResources(definition) },
	]),
);

interface PendingTask {
	readonly resolve: (output: unknown) => void;
	readonly reject: (error: Error) => void;
}
const tasks = new Map<number, PendingTask>();
const aborts = new Map<string, () => void>();
let taskIds = 0;

const runTask = (executionArn: string, resource: string, input: unknown): Promise<unknown> =>
	new Promise((resolve, reject) => {
		taskIds += 1;
		tasks.set(taskIds, { resolve, reject });
		send({ type: "task", taskId: taskIds, executionArn, resource, input });
	});

function start(executionArn: string, machineName: string, input: string): void {
	const known = machines.get(machineName);
	assert(known !== undefined, `no state machine ${machineName}`);
	const taskResourceLocalHandlers = Object.fromEntries(
		[...known.resources].map(([state, resource]) => [state, (taskInput: unknown) => runTask(executionArn, resource, taskInput) as never]),
	);
	const context = { Execution: { Id: executionArn, Name: executionArn.slice(executionArn.lastIndexOf(":") + 1) } };
	const execution = known.machine.run(JSON.parse(input), { overrides: { taskResourceLocalHandlers }, context });
	aborts.set(executionArn, execution.abort);
	execution.result.then(
		(output) => end(executionArn, { status: "SUCCEEDED", output: JSON.stringify(output) }),
		(error: unknown) => end(executionArn, endOf(error)),
	);
}

function endOf(error: unknown): ExecutionEnd {
	if (error instanceof ExecutionAbortedError) return { status: "ABORTED", error: "", cause: "" };
	if (error instanceof ExecutionTimeoutError) return { status: "TIMED_OUT", error: "States.Timeout", cause: "" };
	const origin = error instanceof Error && error.cause instanceof Error ? error.cause : error;
	const { name, message } = origin instanceof Error ? origin : { name: "Error", message: String(origin) };
	return { status: "FAILED", error: name, cause: message };
}

function end(executionArn: string, outcome: ExecutionEnd): void {
	aborts.delete(executionArn);
	send({ type: "ended", executionArn, end: outcome });
}

function settleTask(taskId: number, settle: (task: PendingTask) => void): void {
	const task = tasks.get(taskId);
	tasks.delete(taskId);
	if (task !== undefined) settle(task);
}

function receive(message: ToRunner): void {
	switch (message.type) {
		case "start":
			start(message.executionArn, message.machine, message.input);
			return;
		case "abort":
			aborts.get(message.executionArn)?.();
			return;
		case "fired":
			fire(message.timerId);
			return;
		case "task-succeeded":
			settleTask(message.taskId, (task) => task.resolve(message.output));
			return;
		case "task-failed":
			settleTask(message.taskId, (task) => task.reject(Object.assign(new Error(message.cause), { name: message.error })));
			return;
	}
}

port.on("message", (message: ToRunner) => {
	receive(message);
	// The interpreter goes on in promise callbacks, which all run before the next turn of the loop.
	realSetImmediate(() => send({ type: "settled", messageId: message.messageId }));
});
send({ type: "ready" });

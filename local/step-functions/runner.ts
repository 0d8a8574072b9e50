import { Worker } from "node:worker_threads";
import type { RegionId } from "#domain/geography/region-id.ts";
import type { LocalClock } from "#local/clock/local-clock.ts";
import type { LambdaHost } from "#local/lambda-host/lambda-host.ts";
import { functionOfArn } from "#local/step-functions/definitions.ts";
import type { ExecutionEnd, FromRunner, RunnerData, ToRunner } from "#local/step-functions/runner-protocol.ts";

type Unnumbered<T> = T extends unknown ? Omit<T, "messageId"> : never;

export interface RunnerOptions {
	readonly machines: RunnerData["machines"];
	readonly time: SharedArrayBuffer | undefined;
	readonly clock: LocalClock;
	readonly lambda: LambdaHost;
	readonly controlRegion: RegionId;
	readonly stage: string;
	readonly onEnd: (executionArn: string, end: ExecutionEnd) => void;
}

const WORKER = new URL("./runner-worker.ts", import.meta.url);

/** Runs state machines in a thread of its own and does for them what Step Functions would: invoke tasks, keep timers. */
export class StateMachineRunner {
	readonly #options: RunnerOptions;
	readonly #worker: Worker;
	readonly #ready: Promise<void>;
	readonly #unsettled = new Map<number, () => void>();
	readonly #timers = new Map<number, () => void>();
	#messages = 0;
	#stopped = false;

	constructor(options: RunnerOptions) {
		this.#options = options;
		const workerData: RunnerData = { machines: options.machines, time: options.time };
		this.#worker = new Worker(WORKER, { workerData });
		const { promise, resolve, reject } = Promise.withResolvers<void>();
		this.#ready = promise;
		this.#worker.on("message", (message: FromRunner) => (message.type === "ready" ? resolve() : this.#receive(message)));
		this.#worker.on("error", reject);
	}

	/** Resolves once every definition is loaded. @throws when one is not valid */
	ready(): Promise<void> {
		return this.#ready;
	}

	/** Resolves when the execution has done all it does at its start; the tasks it begins hold the clock by themselves. */
	start(executionArn: string, machine: string, input: string): Promise<void> {
		return this.#send({ type: "start", executionArn, machine, input });
	}

	abort(executionArn: string): Promise<void> {
		return this.#send({ type: "abort", executionArn });
	}

	async stop(): Promise<void> {
		this.#stopped = true;
		for (const cancel of this.#timers.values()) cancel();
		for (const settle of this.#unsettled.values()) settle();
		await this.#worker.terminate();
	}

	#send(message: Unnumbered<ToRunner>): Promise<void> {
		if (this.#stopped) return Promise.resolve();
		this.#messages += 1;
		const messageId = this.#messages;
		return new Promise((resolve) => {
			this.#unsettled.set(messageId, resolve);
			this.#worker.postMessage({ ...message, messageId });
		});
	}

	#receive(message: Exclude<FromRunner, { type: "ready" }>): void {
		switch (message.type) {
			case "settled":
				this.#unsettled.get(message.messageId)?.();
				this.#unsettled.delete(message.messageId);
				return;
			case "set-timer":
				this.#setTimer(message.timerId, message.ms);
				return;
			case "clear-timer":
				this.#timers.get(message.timerId)?.();
				this.#timers.delete(message.timerId);
				return;
			case "task":
				return void this.#runTask(message);
			case "ended":
				this.#options.onEnd(message.executionArn, message.end);
				return;
		}
	}

	#setTimer(timerId: number, ms: number): void {
		const { clock } = this.#options;
		const cancel = clock.at(clock.nowMs() + ms, "state machine timer", () => {
			this.#timers.delete(timerId);
			return this.#send({ type: "fired", timerId });
		});
		this.#timers.set(timerId, cancel);
	}

	async #runTask(task: Extract<FromRunner, { type: "task" }>): Promise<void> {
		const { clock, lambda, controlRegion, stage } = this.#options;
		const activity = clock.begin(`task ${task.resource}`);
		const outcome = await lambda.invoke({
			function: functionOfArn(task.resource, stage),
			region: controlRegion,
			event: task.input,
			activity,
		});
		await this.#send(
			outcome.ok
				? { type: "task-succeeded", taskId: task.taskId, output: outcome.payload }
				: { type: "task-failed", taskId: task.taskId, error: outcome.errorType, cause: outcome.errorMessage },
		);
		activity.end();
	}
}

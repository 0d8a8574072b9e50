import assert from "node:assert";
import { Worker } from "node:worker_threads";
import type { Activity } from "#local/clock/local-clock.ts";
import type { Caller } from "#local/gateway/callers.ts";
import type { LambdaOutcome } from "#local/lambda-host/lambda-host.ts";
import {
	type FromSandbox,
	type InvocationContext,
	OUTPUT_OF,
	type SandboxData,
	type SandboxFunction,
	type ToSandbox,
} from "#local/lambda-host/sandbox-protocol.ts";

export interface SandboxOptions {
	/** File URL of the thread's code. @default the source beside this file */
	readonly workerUrl?: string | undefined;
	readonly data: SandboxData;
	/** What all functions find in `process.env`. */
	readonly environment: Readonly<Record<string, string>>;
	readonly memoryMb: number;
	/** The identity its SDK calls are signed with. */
	readonly caller: Caller;
	/** Opens a chain of work for what an invocation leaves for after its answer. */
	readonly beginBackground: () => Activity;
	/** Called when what an invocation has left for after its answer is done. */
	readonly onIdle: () => void;
	/** Called with each line that a function writes to stdout or stderr, and the function's name. */
	readonly onOutput: (line: string, name: string) => void;
}

const WORKER = new URL("./sandbox-worker.ts", import.meta.url);

/** An instance: a thread that runs functions of one region, one invocation at a time, and can be terminated at any instant. */
export class Sandbox {
	readonly caller: Caller;
	readonly #worker: Worker;
	/** By function, that its code has been run: a cold start. */
	readonly #loaded = new Map<string, PromiseWithResolvers<void>>();
	readonly #beginBackground: () => Activity;
	readonly #onIdle: () => void;
	#starting = true;
	#current: { activity: Activity; settle: (outcome: LambdaOutcome) => void } | undefined;
	#background: Activity | undefined;
	#dead: string | undefined;

	constructor(options: SandboxOptions) {
		this.caller = options.caller;
		this.#beginBackground = options.beginBackground;
		this.#onIdle = options.onIdle;
		this.#worker = new Worker(options.workerUrl === undefined ? WORKER : new URL(options.workerUrl), {
			env: { ...options.environment },
			workerData: options.data,
			stdout: true,
			stderr: true,
			resourceLimits: { maxOldGenerationSizeMb: options.memoryMb },
		});
		for (const stream of [this.#worker.stdout, this.#worker.stderr]) {
			let name = "";
			stream.setEncoding("utf8").on("data", (text: string) => {
				for (const line of text.split("\n")) {
					if (line.startsWith(OUTPUT_OF)) name = line.slice(OUTPUT_OF.length);
					else if (line.trim() !== "") options.onOutput(line, name);
				}
			});
		}
		this.#worker.on("message", (message: FromSandbox) => this.#receive(message));
		this.#worker.on("error", (error) => this.#die(error.message));
		this.#worker.on("exit", () => this.#die("Runtime exited"));
	}

	/** No code has been run in it yet. */
	get starting(): boolean {
		return this.#starting;
	}

	get busy(): boolean {
		return this.#current !== undefined || this.#background !== undefined;
	}

	get dead(): boolean {
		return this.#dead !== undefined;
	}

	/**
	 * Runs one invocation to its end. Never rejects: a sandbox that dies answers `Runtime.ExitError`.
	 *
	 * @param begin called when the code has been loaded and the invocation begins: a cold start is not part of it
	 */
	async invoke(fn: SandboxFunction, event: unknown, begin: () => InvocationContext, activity: Activity): Promise<LambdaOutcome> {
		assert(this.#current === undefined, "a sandbox serves one invocation at a time");
		const { promise, resolve } = Promise.withResolvers<LambdaOutcome>();
		this.#current = { activity, settle: resolve };
		this.caller.activity = activity;
		this.caller.name = fn.name;
		void this.#load(fn).then(() => {
			if (this.#dead === undefined) this.#send({ type: "invoke", name: fn.name, event, context: begin() });
		});
		return promise;
	}

	/** Never ends in a sandbox that dies of it, which settles the invocation. */
	#load(fn: SandboxFunction): Promise<void> {
		const known = this.#loaded.get(fn.name);
		if (known !== undefined) return known.promise;
		const loading = Promise.withResolvers<void>();
		this.#loaded.set(fn.name, loading);
		this.#send({ type: "load", function: fn });
		return loading.promise;
	}

	/** Kills the thread at once; the invocation in progress, if any, ends with `outcome`. */
	async terminate(outcome: LambdaOutcome): Promise<void> {
		this.#dead ??= outcome.ok ? "terminated" : outcome.errorMessage;
		this.#settle(outcome);
		this.#endBackground();
		await this.#worker.terminate();
	}

	#receive(message: FromSandbox): void {
		switch (message.type) {
			case "loaded":
				this.#starting = false;
				this.#loaded.get(message.name)?.resolve();
				break;
			case "idle":
				this.#endBackground();
				break;
			case "result":
				this.#finish(message.outcome, message.background);
				break;
			case "sleep":
				this.#sleep(message.sleepId, message.ms);
				break;
		}
	}

	/** An instance that has left work for after the answer stays busy with it. */
	#finish(outcome: LambdaOutcome, background: boolean): void {
		if (background) this.#background = this.#beginBackground();
		this.#settle(outcome);
		if (this.#background === undefined) return;
		this.caller.activity = this.#background;
		this.#send({ type: "background" });
	}

	#sleep(sleepId: number, ms: number): void {
		// A sleeper outlives its invocation only in a frozen sandbox: it is woken with the next one.
		void (this.#current?.activity ?? this.#background)?.sleep(ms).then(() => this.#send({ type: "wake", sleepId }));
	}

	#send(message: ToSandbox): void {
		if (this.#dead === undefined) this.#worker.postMessage(message);
	}

	#endBackground(): void {
		const background = this.#background;
		if (background === undefined) return;
		this.#background = undefined;
		this.caller.activity = undefined;
		background.end();
		this.#onIdle();
	}

	#die(reason: string): void {
		this.#endBackground();
		this.#dead ??= reason;
		this.#settle({ ok: false, errorType: "Runtime.ExitError", errorMessage: this.#dead });
	}

	#settle(outcome: LambdaOutcome): void {
		const current = this.#current;
		this.#current = undefined;
		this.caller.activity = undefined;
		current?.settle(outcome);
	}
}

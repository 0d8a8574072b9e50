import { afterAll, expect } from "vitest";
import { RUNTIME_SLOT } from "#lambdas/shared/runtime.ts";

const SIGNALS = ["SIGINT", "SIGTERM", "uncaughtException", "unhandledRejection"];
/** Powertools says in the environment who it is, once, when it is loaded. */
const SET_BY_LIBRARIES = "AWS_SDK_UA_APP_ID";

/** What a worker has one of, and what a file would change for the files after it. */
function stateOfWorker(): Record<string, unknown> {
	const { env, stdout, stderr } = process;
	return {
		directory: process.cwd(),
		environment: { ...env, [SET_BY_LIBRARIES]: undefined },
		listeners: SIGNALS.map((name) => process.listenerCount(name)),
		runtime: Reflect.get(globalThis, RUNTIME_SLOT),
		time: [Date, setTimeout, setInterval, setImmediate, queueMicrotask, performance.now],
		chance: [Math.random, crypto.randomUUID],
		output: [stdout.write, stderr.write, console.log, console.error],
	};
}

// Evaluated before every file: what it leaves behind fails it, and not some other file that comes after it in one order and not in another.
const before = stateOfWorker();
afterAll(() => expect(stateOfWorker()).toEqual(before));

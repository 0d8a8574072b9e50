import assert from "node:assert";
import { enableCompileCache, flushCompileCache } from "node:module";
import { fileURLToPath } from "node:url";
import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import type { Clock } from "#domain/ports/clock.ts";
import { seededRandom } from "#domain/shared/seeded-random.ts";
import { RUNTIME_SLOT, type Runtime, randomId, runtime } from "#lambdas/shared/runtime.ts";
import type { LambdaOutcome } from "#local/lambda-host/lambda-host.ts";
import { installPatientTimers } from "#local/lambda-host/patient-timers.ts";
import type { FromSandbox, InvocationContext, SandboxData, ToSandbox } from "#local/lambda-host/sandbox-protocol.ts";

/** The thread of one function instance: it installs the host's runtime, loads the code and serves one invocation at a time. */
assert(parentPort !== null, "a sandbox runs in a worker thread");
const port: MessagePort = parentPort;
const data = workerData as SandboxData;
const sleepers = new Map<number, () => void>();
let sleeps = 0;
/** What invocations have left for later: it runs once their answer is out and the host has opened a chain of work for it. */
let left: (() => Promise<void>)[] = [];
const background = (work: () => Promise<void>): void => void left.push(work);

const send = (message: FromSandbox): void => port.postMessage(message);

const hostSleep = (ms: number): Promise<void> =>
	new Promise((resolve) => {
		if (ms <= 0) return resolve();
		sleeps += 1;
		sleepers.set(sleeps, resolve);
		send({ type: "sleep", sleepId: sleeps, ms });
	});

function hostClock(time: SharedArrayBuffer): Clock {
	const now = new Float64Array(time);
	return { nowMs: () => now[0] ?? Number.NaN, sleep: hostSleep };
}

function hostRuntime(): Runtime {
	const machine = runtime();
	const clock = data.time === undefined ? machine.clock : hostClock(data.time);
	if (data.seed === undefined) return { ...machine, clock, background };
	const next = seededRandom(data.seed);
	return { clock, background, random: { next, id: () => randomId((below) => Math.floor(next() * below)) } };
}

const host = hostRuntime();
(globalThis as { [RUNTIME_SLOT]?: Runtime })[RUNTIME_SLOT] = host;

if (data.time !== undefined) installPatientTimers(host.clock.nowMs);

// Every region has an instance of its own of the same code: compiled once, beside the bundle.
enableCompileCache(fileURLToPath(new URL("compiled/", data.codeUrl)));
const code = (await import(data.codeUrl)) as Record<string, unknown>;
flushCompileCache();

async function invoke(handler: string, event: unknown, context: InvocationContext): Promise<LambdaOutcome> {
	const run = code[handler];
	if (typeof run !== "function") return { ok: false, errorType: "Runtime.HandlerNotFound", errorMessage: `${handler} is not exported` };
	const lambdaContext = { ...context, getRemainingTimeInMillis: () => context.deadlineMs - host.clock.nowMs() };
	try {
		const payload: unknown = await run(event, lambdaContext);
		// What Lambda hands on is JSON: anything that does not survive it must not survive here.
		return { ok: true, payload: payload === undefined ? null : JSON.parse(JSON.stringify(payload)) };
	} catch (error) {
		const { name, message } = error instanceof Error ? error : { name: "Error", message: String(error) };
		return { ok: false, errorType: name, errorMessage: message };
	}
}

async function runBackground(): Promise<void> {
	const works = left;
	left = [];
	await Promise.allSettled(works.map((work) => work()));
	send({ type: "idle" });
}

port.on("message", (message: ToSandbox) => {
	switch (message.type) {
		case "wake":
			sleepers.get(message.sleepId)?.();
			sleepers.delete(message.sleepId);
			break;
		case "background":
			void runBackground();
			break;
		case "invoke":
			void invoke(message.handler, message.event, message.context).then((outcome) =>
				send({ type: "result", outcome, background: left.length > 0 }),
			);
	}
});
send({ type: "ready" });

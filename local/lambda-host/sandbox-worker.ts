import assert from "node:assert";
import { enableCompileCache, flushCompileCache } from "node:module";
import { fileURLToPath } from "node:url";
import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import type { Clock } from "#domain/ports/clock.ts";
import { seededRandom } from "#domain/shared/seeded-random.ts";
import { RUNTIME_SLOT, type Runtime, randomId, runtime } from "#lambdas/shared/runtime.ts";
import type { LambdaOutcome } from "#local/lambda-host/lambda-host.ts";
import { installPatientTimers } from "#local/lambda-host/patient-timers.ts";
import {
	type FromSandbox,
	type InvocationContext,
	OUTPUT_OF,
	type SandboxData,
	type SandboxFunction,
	type ToSandbox,
} from "#local/lambda-host/sandbox-protocol.ts";

/** The thread of one instance: it installs the host's runtime, loads functions' code and serves one invocation at a time. */
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

type Code = Readonly<Record<string, unknown>>;

// Every region has instances of its own of the same code: compiled once, beside the bundle.
enableCompileCache(fileURLToPath(new URL("compiled/", data.codeUrl)));
const { load } = (await import(data.codeUrl)) as { readonly load: Readonly<Record<string, () => Promise<Code>>> };

const loaded = new Map<string, SandboxFunction & { readonly code: Code }>();
let current: SandboxFunction | undefined;

/** Each function finds its own variables and no other's, as in an instance that nothing else has run in. */
function become(fn: SandboxFunction): void {
	if (current?.name === fn.name) return;
	for (const name of Object.keys(current?.environment ?? {})) delete process.env[name];
	Object.assign(process.env, fn.environment);
	current = fn;
}

/** Says whose lines follow, before the first of them. */
function nameOutput(stream: NodeJS.WriteStream): void {
	let named: string | undefined;
	const write = stream.write.bind(stream) as (...args: unknown[]) => boolean;
	const writeNamed = (...args: unknown[]): boolean => {
		if (current !== undefined && named !== current.name) {
			named = current.name;
			write(`${OUTPUT_OF}${named}\n`);
		}
		return write(...args);
	};
	stream.write = writeNamed as typeof stream.write;
}
for (const stream of [process.stdout, process.stderr]) nameOutput(stream);

/** Code that cannot be run ends the thread, as it ends an instance on AWS. */
async function loadFunction(fn: SandboxFunction): Promise<void> {
	become(fn);
	const code = await load[fn.entry]?.();
	assert(code !== undefined, `${data.codeUrl} has no ${fn.entry}`);
	flushCompileCache();
	loaded.set(fn.name, { ...fn, code });
	send({ type: "loaded", name: fn.name });
}

async function invoke(name: string, event: unknown, context: InvocationContext): Promise<LambdaOutcome> {
	const fn = loaded.get(name);
	assert(fn !== undefined, `${name} has not been loaded`);
	become(fn);
	const run = fn.code[fn.handler];
	if (typeof run !== "function") return { ok: false, errorType: "Runtime.HandlerNotFound", errorMessage: `${fn.handler} is not exported` };
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
		case "load":
			void loadFunction(message.function);
			break;
		case "invoke":
			void invoke(message.name, message.event, message.context).then((outcome) =>
				send({ type: "result", outcome, background: left.length > 0 }),
			);
	}
});

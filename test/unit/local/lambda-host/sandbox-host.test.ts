import { writeFileSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeAll, expect, test } from "vitest";
import { type RegionId, regionId } from "#domain/geography/region-id.ts";
import { FUNCTIONS } from "#infra/description/functions.ts";
import { RUNTIME_SLOT } from "#lambdas/shared/runtime.ts";
import { VirtualClock } from "#local/clock/virtual-clock.ts";
import { localDeployment } from "#local/deployment.ts";
import { Callers } from "#local/gateway/callers.ts";
import type { LambdaOutcome } from "#local/lambda-host/lambda-host.ts";
import { SandboxHost, type SandboxHostOptions } from "#local/lambda-host/sandbox-host.ts";

const US = regionId("us-east-1");
const EU = regionId("eu-west-1");

/** What the code of every function is here: it does what its event says. */
const CODE = `
import { threadId } from "node:worker_threads";
let runs = 0;
const handler = async ({ wait, say, fail, later }) => {
	runs += 1;
	if (say !== undefined) console.log(say);
	if (fail !== undefined) throw new TypeError(fail);
	if (later !== undefined) globalThis[SLOT].background(async () => {});
	if (wait !== undefined) await globalThis[SLOT].clock.sleep(wait);
	return { runs, threadId, env: { ...process.env } };
};
const load = (entry) => async () => {
	if (entry === BROKEN) throw new Error("the code cannot be run in " + process.env.AWS_LAMBDA_FUNCTION_NAME);
	return Object.fromEntries(HANDLERS.map((name) => [name, handler]));
};`;
const BROKEN = "lambdas/publish-changes/handler.ts";

interface Seen {
	readonly runs: number;
	readonly threadId: number;
	readonly env: Readonly<Record<string, string>>;
}

let codeUrl = "";
beforeAll(async () => {
	const file = join(await mkdtemp(join(tmpdir(), "heliotrope-sandbox-")), "code.mjs");
	const handlers = JSON.stringify([...new Set(FUNCTIONS.map((fn) => fn.handler))].filter((name) => name !== "cutover"));
	const constants = `const SLOT = Symbol.for(${JSON.stringify(RUNTIME_SLOT.description)});\nconst HANDLERS = ${handlers};\nconst BROKEN = ${JSON.stringify(BROKEN)};\n`;
	const loads = `export { loads as load };\nconst loads = Object.fromEntries(ENTRIES.map((entry) => [entry, load(entry)]));\n`;
	const entries = `const ENTRIES = ${JSON.stringify(FUNCTIONS.map(({ entry }) => entry))};\n`;
	writeFileSync(file, `${constants}${entries}${CODE}\n${loads}`);
	codeUrl = pathToFileURL(file).href;
});

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
	for (const stop of stops.splice(0)) await stop();
});

function hostOf(more: Partial<SandboxHostOptions> = {}) {
	const time = new SharedArrayBuffer(8);
	const clock = new VirtualClock({ startMs: 0, speed: Number.POSITIVE_INFINITY, shared: new Float64Array(time) });
	const lines: string[] = [];
	const host = new SandboxHost({
		deployment: localDeployment({ regions: [US, EU] }, US),
		bundles: new Map(FUNCTIONS.map(({ entry }) => [entry, codeUrl])),
		clock,
		time,
		callers: new Callers(),
		endpointUrl: "http://127.0.0.1:9",
		seed: 1,
		log: (line) => lines.push(line),
		...more,
	});
	stops.push(async () => {
		await host.stop();
		clock.stop();
	});
	const invoke = async (name: string, region: RegionId, event: object = {}): Promise<LambdaOutcome> => {
		const activity = clock.begin(name);
		try {
			return await host.invoke({ function: name, region, event, activity });
		} finally {
			activity.end();
		}
	};
	const seen = async (name: string, region: RegionId, event: object = {}): Promise<Seen> => {
		const outcome = await invoke(name, region, event);
		expect(outcome.ok).toBe(true);
		return (outcome as { payload: Seen }).payload;
	};
	return { invoke, seen, lines };
}

test("functions of a region run in one thread, one after the other, and what they have loaded stays", async () => {
	const { seen } = hostOf();
	const first = await seen("serve-data", US);
	const second = await seen("reconcile-migrations", US);
	const again = await seen("serve-data", US);
	expect([second.threadId, again.threadId]).toEqual([first.threadId, first.threadId]);
	expect([first.runs, second.runs, again.runs]).toEqual([1, 2, 3]);
	expect((await seen("serve-data", EU)).threadId).not.toBe(first.threadId);
});

test("what runs at the same time runs in threads of its own", async () => {
	const { seen } = hostOf();
	// The first sleeps in virtual time, which stands still until the second has run.
	const both = await Promise.all([seen("serve-data", US, { wait: 1000 }), seen("carry-stream", US)]);
	expect(new Set(both.map(({ threadId }) => threadId)).size).toBe(2);
});

test("who waits for a thread gets it once what was left for later is done", async () => {
	const { seen } = hostOf({ after: () => () => {} });
	const both = await Promise.all([seen("serve-data", US, { later: true }), seen("carry-stream", US)]);
	expect(both.map(({ threadId }) => threadId)).toEqual([both[0]?.threadId, both[0]?.threadId]);
});

test("each function finds its own variables, and no other's", async () => {
	const { seen } = hostOf();
	const stage = await seen("plan-migration", US);
	const carry = await seen("carry-stream", US);
	const again = await seen("plan-migration", US);
	expect(stage.env).toMatchObject({ AWS_REGION: US, AWS_LAMBDA_FUNCTION_NAME: "heliotrope-local-plan-migration" });
	expect(carry.env).toMatchObject({ AWS_REGION: US, AWS_LAMBDA_FUNCTION_NAME: "heliotrope-local-carry-stream" });
	expect([stage.env["MIGRATIONS_TABLE"], carry.env["MIGRATIONS_TABLE"]]).toEqual([expect.any(String), undefined]);
	expect(again.env).toEqual(stage.env);
	const names = FUNCTIONS.find(({ name }) => name === "carry-stream")?.environment ?? [];
	const common = Object.keys(carry.env).filter((name) => name.startsWith("AWS_") || name === "NODE_OPTIONS");
	expect(Object.keys(carry.env).sort()).toEqual([...names, ...common].sort());
});

test("what a function writes is logged under its name", async () => {
	const { seen, invoke, lines } = hostOf();
	await seen("serve-data", US, { say: "first" });
	await seen("carry-stream", US, { say: "second" });
	await seen("serve-data", US, { say: "third" });
	await invoke("carry-stream", EU, { say: "elsewhere" });
	await expect
		.poll(() => lines.toSorted())
		.toEqual([
			"carry-stream@eu-west-1 elsewhere",
			"carry-stream@us-east-1 second",
			"serve-data@us-east-1 first",
			"serve-data@us-east-1 third",
		]);
});

test("a handler that throws has failed, its thread goes on", async () => {
	const { invoke, seen } = hostOf();
	const { threadId } = await seen("serve-data", US);
	expect(await invoke("serve-data", US, { fail: "no" })).toEqual({ ok: false, errorType: "TypeError", errorMessage: "no" });
	expect((await seen("serve-data", US)).threadId).toBe(threadId);
});

test("a timeout ends the thread, and the next invocation has a new one", async () => {
	const { invoke, seen } = hostOf();
	const { threadId } = await seen("carry-stream", US);
	expect(await invoke("serve-data", US, { wait: 3_600_000 })).toMatchObject({ ok: false, errorType: "Sandbox.Timedout" });
	const after = await seen("carry-stream", US);
	expect([after.threadId === threadId, after.runs]).toEqual([false, 1]);
});

test("code that cannot be run ends the thread, not the cloud", async () => {
	const { invoke, seen } = hostOf();
	for (let attempt = 0; attempt < 2; attempt++)
		expect(await invoke("publish-changes", US)).toEqual({
			ok: false,
			errorType: "Runtime.ExitError",
			errorMessage: "the code cannot be run in heliotrope-local-publish-changes",
		});
	expect((await seen("serve-data", US)).runs).toBe(1);
});

test("says which handler is missing, and which function", async () => {
	const { invoke } = hostOf();
	expect(await invoke("cut-over", US)).toEqual({
		ok: false,
		errorType: "Runtime.HandlerNotFound",
		errorMessage: "cutover is not exported",
	});
	expect(await invoke("nothing", US)).toMatchObject({
		ok: false,
		errorType: "ResourceNotFoundException",
		errorMessage: "no function nothing",
	});
});

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { forecastResponseSchema } from "#domain/prediction/forecast-request.ts";
import { DEFAULT_ARTEFACT } from "#predictor/models/default-artefact.ts";
import { forecast } from "#predictor/models/forecast.ts";
import { createModel } from "#predictor/models/registry.ts";
import { MAX_BODY_BYTES } from "#predictor/serving/server.ts";
import { goldenRequest } from "#test/unit/predictor/golden-request.ts";
import { startServer } from "#test/unit/predictor/start-server.ts";

/** The container's entry point as a process, with a model directory. */
function startContainer(modelDir: string): ChildProcess {
	const env = { PATH: process.env["PATH"] ?? "", SAGEMAKER_BIND_TO_PORT: "0", HELIOTROPE_MODEL_HOST: "127.0.0.1", SM_MODEL_DIR: modelDir };
	return spawn(process.execPath, ["predictor/serve.ts", "serve"], { env, stdio: ["ignore", "pipe", "pipe"] });
}

const modelDirWith = (artefact: string | undefined): string => {
	const dir = mkdtempSync(join(tmpdir(), "heliotrope-model-"));
	if (artefact !== undefined) writeFileSync(join(dir, "model.json"), artefact);
	return dir;
};

async function urlOf(child: ChildProcess): Promise<string> {
	if (child.stdout === null) throw new Error("no output");
	for await (const line of createInterface(child.stdout)) {
		const port = /port (\d+)$/.exec(line)?.[1];
		if (port !== undefined) return `http://127.0.0.1:${port}`;
	}
	throw new Error("it ended without a port");
}

describe("the model container", () => {
	let child: ChildProcess;
	let url: string;
	beforeAll(async () => {
		child = startContainer(modelDirWith(undefined));
		url = await urlOf(child);
	});
	afterAll(() => {
		child.kill("SIGKILL");
	});

	const invoke = (body: string, contentType = "application/json") =>
		fetch(`${url}/invocations`, { method: "POST", headers: { "content-type": contentType }, body });

	it("answers /ping once the model is loaded, by GET and POST", async () => {
		expect((await fetch(`${url}/ping`)).status).toBe(200);
		expect((await fetch(`${url}/ping`, { method: "POST" })).status).toBe(200);
	});

	it("answers the same vectors as the model in process, to the last bit", async () => {
		const request = goldenRequest(30);
		const answer = await invoke(JSON.stringify(request), "application/json; charset=utf-8");
		expect(answer.status).toBe(200);
		const { predictions } = forecastResponseSchema.parse(await answer.json());
		expect(predictions).toEqual(forecast(createModel(DEFAULT_ARTEFACT), request));
		expect(predictions).toHaveLength(60);
	});

	it.each([
		["no JSON", "{", 400],
		[
			"an unknown window",
			JSON.stringify({ ...goldenRequest(1), windowHours: [24], global: { ...goldenRequest(1).global, activity: { 24: [1, 1, 1] } } }),
			400,
		],
		[
			"an array of another length",
			JSON.stringify({ ...goldenRequest(1), partitions: [{ ...goldenRequest(1).partitions[0], e1d: [1] }] }),
			400,
		],
		["a body above 4 MB", " ".repeat(MAX_BODY_BYTES + 1), 413],
	])("refuses %s", async (_, body, status) => {
		const answer = await invoke(body);
		expect(answer.status).toBe(status);
		expect(await answer.json()).toMatchObject({ error: expect.any(String) });
	});

	it("refuses a chunked body above 4 MB, another content type, other paths and methods", async () => {
		const chunks = new ReadableStream({
			pull: (controller) => controller.enqueue(new Uint8Array(1 << 20)),
		});
		const chunked = fetch(`${url}/invocations`, {
			method: "POST",
			headers: { "content-type": "application/json" },
			body: chunks,
			duplex: "half",
		});
		// the server may close before the client has sent all: both are a refusal
		expect([413, "closed"]).toContain(
			await chunked.then(
				(answer) => answer.status,
				() => "closed",
			),
		);
		expect((await invoke("a,b", "text/csv")).status).toBe(415);
		expect((await fetch(`${url}/models`)).status).toBe(404);
		expect((await fetch(`${url}/invocations`)).status).toBe(405);
	});

	it("ends by itself on SIGTERM", async () => {
		const exited = once(child, "exit");
		child.kill("SIGTERM");
		expect(await exited).toEqual([0, null]);
	});
});

describe("the model artefact", () => {
	it("of another model than the built-in one is served", async () => {
		const child = startContainer(modelDirWith(JSON.stringify({ model: "ewma", version: 1, halfLife: "14d" })));
		const url = await urlOf(child);
		const answer = await fetch(`${url}/invocations`, {
			method: "POST",
			headers: { "content-type": "application/json" },
			body: JSON.stringify(goldenRequest(3)),
		});
		expect(((await answer.json()) as { predictions: unknown }).predictions).toEqual(
			forecast(createModel({ model: "ewma", version: 1, halfLife: "14d" }), goldenRequest(3)),
		);
		child.kill("SIGKILL");
	});

	it.each([
		["is not JSON", "weights"],
		["has another version", JSON.stringify({ ...DEFAULT_ARTEFACT, version: 2 })],
		["names other experts", JSON.stringify({ ...DEFAULT_ARTEFACT, experts: [...DEFAULT_ARTEFACT.experts].reverse() })],
	])("that %s is refused in one line, with exit code 1", async (_, artefact) => {
		const child = startContainer(modelDirWith(artefact));
		let said = "";
		child.stderr?.on("data", (data: Buffer) => {
			said += data.toString();
		});
		expect((await once(child, "close"))[0]).toBe(1);
		expect(said.trim().split("\n")).toHaveLength(1);
		expect(said).toContain("no model this release can serve");
	});

	it("is awaited: /ping says 503 until there is one", async () => {
		const server = await startServer(undefined);
		expect((await fetch(`${server.url}/ping`)).status).toBe(503);
		await server.stop();
	});
});

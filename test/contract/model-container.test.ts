import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSageMakerPredictor } from "#adapters/sagemaker/sagemaker-predictor.ts";
import { CALIBRATION_SIZE } from "#domain/prediction/calibration.ts";
import { forecastOf, forecastResponseSchema } from "#domain/prediction/forecast-request.ts";
import { BUILT_IN } from "#predictor/models/artefact.ts";
import { DEFAULT_ARTEFACT } from "#predictor/models/default-artefact.ts";
import { forecast } from "#predictor/models/forecast.ts";
import { createModel, type Parameters } from "#predictor/models/registry.ts";
import { MAX_BODY_BYTES } from "#predictor/serving/server.ts";
import { modelDirWith, startContainer, urlOf } from "#test/__helpers__/model-container.ts";
import { startAwsEndpoints } from "#test/integration/prediction/aws-endpoints.ts";
import { byColumns, expectAlike } from "#test/unit/predictor/by-columns.ts";
import { goldenHistory, goldenRequest, requestFrom } from "#test/unit/predictor/golden-request.ts";
import { startServer } from "#test/unit/predictor/start-server.ts";

const withState = (change: object) => {
	const request = goldenRequest(1);
	return { ...request, partitions: request.partitions.map((input) => ({ ...input, state: { ...input.state, ...change } })) };
};

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
		const body = forecastResponseSchema.parse(await answer.json());
		expect(forecastOf(body, request.regions.length)).toEqual(forecast(createModel(DEFAULT_ARTEFACT), request));
		expect(body.predictions).toHaveLength(90);
		expect(Object.keys(body.outlooks ?? {}).length).toBeGreaterThan(10);
	});

	it("answers lines with lines, the same numbers", async () => {
		const { partitions, ...head } = goldenRequest(5);
		const answer = await invoke([head, ...partitions].map((line) => `${JSON.stringify(line)}\n`).join(""), "application/jsonlines");
		expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "application/jsonlines"]);
		const lines = (await answer.text()).trimEnd().split("\n");
		expect(lines.map((line) => JSON.parse(line))).toEqual(forecast(createModel(DEFAULT_ARTEFACT), goldenRequest(5)).vectors);
	});

	it.each([
		["an empty body", "", /line 1/],
		["a first line with partitions", JSON.stringify(goldenRequest(1)), /line 1/],
		["a line that is no partition", `${JSON.stringify({ ...goldenRequest(1), partitions: undefined })}\n\n{"partition":"p"}`, /line 2/],
		[
			"an unknown window",
			JSON.stringify({
				...goldenRequest(0),
				partitions: undefined,
				windowHours: [25],
			}),
			/windowHours/,
		],
	])("refuses %s in lines, and says which", async (_, body, error) => {
		const answer = await invoke(body, "application/jsonlines");
		expect(answer.status).toBe(400);
		expect(((await answer.json()) as { error: string }).error).toMatch(error);
	});

	it.each([
		["no JSON", "{", 400],
		["an unknown window", JSON.stringify({ ...goldenRequest(1), windowHours: [25] }), 400],
		["a state of another length", JSON.stringify(withState({ recent: "AAAA" })), 400],
		["a state of numbers that are none", JSON.stringify(withState({ recent: "/////////////////////////////////w==" })), 400],
		["a state of an earlier release", JSON.stringify(withState({ version: 1 })), 400],
		["a body above 4 MB", " ".repeat(MAX_BODY_BYTES + 1), 413],
	])("refuses %s", async (_, body, status) => {
		const answer = await invoke(body);
		expect(answer.status).toBe(status);
		expect(await answer.json()).toMatchObject({ error: expect.any(String) });
	});

	it.each([
		["madeAtMs", { madeAtMs: 0 }],
		["madeAtMs", { madeAtMs: 1e300 }],
		["madeAtMs", { madeAtMs: -1e15 }],
		["madeAtMs", { madeAtMs: goldenRequest(1).madeAtMs - 60 * 24 * 3_600_000 }],
		["regions", { regions: ["us-east-1", "eu-west-1", "us-east-1"] }],
		["windowHours", { windowHours: [6, 24, 6] }],
	])("refuses a request whose %s is %j, and names it", async (field, changed) => {
		const request = { ...goldenRequest(1), ...changed };
		const answer = await invoke(JSON.stringify(request));
		expect([answer.status, await answer.json()]).toMatchObject([
			400,
			{ code: "request.invalid", field, error: expect.stringContaining(field) },
		]);
		const { partitions, ...head } = request;
		const lines = await invoke([head, ...partitions].map((line) => JSON.stringify(line)).join("\n"), "application/jsonlines");
		expect([lines.status, await lines.json()]).toMatchObject([400, { code: "request.invalid", field }]);
	});

	it("answers numbers until the last moment that a date can be", async () => {
		const answer = await invoke(JSON.stringify({ ...goldenRequest(3), madeAtMs: 8.64e15 }));
		expect(answer.status).toBe(200);
		forecastResponseSchema.parse(await answer.json());
	});

	it("refuses a chunked body above 4 MB, another content type, other paths and methods", async () => {
		// more than the server has patience with, and an end: a client that is slow to hear the refusal would send until memory is full
		let left = 48;
		const chunks = new ReadableStream({
			pull: (controller) => {
				controller.enqueue(new Uint8Array(1 << 20));
				left -= 1;
				if (left === 0) controller.close();
			},
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
		expect(await (await invoke("a,b", "text/csv")).json()).toMatchObject({ error: expect.stringContaining("application/jsonlines") });
		expect((await fetch(`${url}/models`)).status).toBe(404);
		expect((await fetch(`${url}/invocations`)).status).toBe(405);
	});

	it("ends by itself on SIGTERM", async () => {
		const exited = once(child, "exit");
		child.kill("SIGTERM");
		expect(await exited).toEqual([0, null]);
	});
});

const MODELS: readonly Parameters[] = [
	DEFAULT_ARTEFACT,
	{ model: "ewma", version: 1, halfLife: "14d" },
	{ model: "persistence", version: 1 },
];

const SEEN = { 6: { left: 0.5, sums: Array.from({ length: CALIBRATION_SIZE }, (_, at) => [1000, 700, 600][at % 3] ?? 0) } };

describe("golden vectors", () => {
	it.each(MODELS)(
		"of $model $halfLife are the same in training's columns, in process, in the container and through the SageMaker runtime",
		async (parameters) => {
			const child = startContainer(modelDirWith(JSON.stringify({ ...BUILT_IN, name: "golden", parameters })));
			const url = await urlOf(child);
			const history = goldenHistory(20);
			const request = { ...requestFrom(history, 5), calibration: SEEN };
			const expected = forecast(createModel(parameters), request);
			expect(expected.vectors.filter(({ joint }) => joint !== undefined).length).toBeGreaterThan(10);
			expectAlike(byColumns(parameters, history, request), expected);
			const answer = await fetch(`${url}/invocations`, {
				method: "POST",
				headers: { "content-type": "application/json" },
				body: JSON.stringify(request),
			});
			expect(forecastOf(forecastResponseSchema.parse(await answer.json()), request.regions.length)).toEqual(expected);
			const aws = await startAwsEndpoints("model", url);
			const client = new SageMakerRuntimeClient({
				region: "eu-west-1",
				endpoint: aws.url,
				credentials: { accessKeyId: "k", secretAccessKey: "s" },
			});
			expect(await createSageMakerPredictor({ client, endpointName: "model" }).forecast(request)).toEqual(expected);
			client.destroy();
			await aws.stop();
			child.kill("SIGKILL");
		},
	);
});

describe("the model artefact", () => {
	it("that this release cannot serve ends the process in one line, with exit code 1", async () => {
		const child = startContainer(modelDirWith(JSON.stringify(DEFAULT_ARTEFACT)));
		let said = "";
		child.stderr?.on("data", (data: Buffer) => {
			said += data.toString();
		});
		expect((await once(child, "close"))[0]).toBe(1);
		expect(said.trim().split("\n")).toHaveLength(1);
		expect(said).toContain("no model this release can serve: it is no artefact of Heliotrope");
	});

	it.each(["abc", "99999", "-1", ""])("is not served on port '%s', which is told in one line", async (port) => {
		const child = startContainer(modelDirWith(undefined), { SAGEMAKER_BIND_TO_PORT: port });
		let said = "";
		child.stderr?.on("data", (data: Buffer) => {
			said += data.toString();
		});
		expect((await once(child, "close"))[0]).toBe(1);
		expect(said).toBe(`SAGEMAKER_BIND_TO_PORT is no port: ${port}\n`);
	});

	it("is awaited: /ping says 503 until there is one", async () => {
		const server = await startServer(undefined);
		expect((await fetch(`${server.url}/ping`)).status).toBe(503);
		await server.stop();
	});
});

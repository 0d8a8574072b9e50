import type { APIGatewayProxyStructuredResultV2, Context, DynamoDBStreamEvent, LambdaFunctionURLEvent } from "aws-lambda";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { handler as carryStream } from "#lambdas/carry-stream/handler.ts";
import { createDeps } from "#lambdas/serve-data/create-deps.ts";
import type { handler as serveData } from "#lambdas/serve-data/handler.ts";
import { EU, functionUrlEvent, P } from "#test/__helpers__/data-plane-world.ts";
import { engineAvailable, startEngine, type TestEngine } from "#test/__helpers__/engine.ts";

const CONTEXT = { getRemainingTimeInMillis: () => 10_000 } as Context;

describe.skipIf(!engineAvailable)("the handlers as Lambda loads them, on a real engine", () => {
	let engine: TestEngine;
	let serve: typeof serveData;
	let carry: typeof carryStream;
	beforeAll(async () => {
		engine = await startEngine();
		await engine.createTable("heliotrope-test-data");
		await engine.createTable("heliotrope-test-metadata");
		const environment = {
			AWS_REGION: EU,
			AWS_ENDPOINT_URL: engine.endpoint,
			AWS_ACCESS_KEY_ID: "test",
			AWS_SECRET_ACCESS_KEY: "test",
			REGIONS: EU,
			CONTROL_REGION: EU,
			METADATA_TABLE: "heliotrope-test-metadata",
			DATA_TABLE: "heliotrope-test-data",
			STATE_TABLE: "heliotrope-test-state",
			ACCESS: JSON.stringify({ mode: "off" }),
			RESIDENCY_RULES: "[]",
		};
		for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
		({ handler: serve } = await import("#lambdas/serve-data/handler.ts"));
		({ handler: carry } = await import("#lambdas/carry-stream/handler.ts"));
	});
	afterAll(async () => {
		vi.unstubAllEnvs();
		await engine?.stop();
	});
	const call = (method: string, path: string, body = ""): Promise<APIGatewayProxyStructuredResultV2> =>
		serve(
			functionUrlEvent(method, `/v1/partitions/${P}/${path}`, "", { "content-type": "text/plain" }, body) as LambdaFunctionURLEvent,
			CONTEXT,
		);

	it("tell requests, failures and latency as metrics, with the first call at once", async () => {
		const lines: string[] = [];
		const stdout = vi.spyOn(process.stdout, "write").mockImplementation((text) => lines.push(String(text)) > 0);
		const stopped = { getRemainingTimeInMillis: () => 500 } as Context;
		const answer = await serve(functionUrlEvent("GET", `/v1/partitions/${P}/items/k`, "", {}, "") as LambdaFunctionURLEvent, stopped);
		stdout.mockRestore();
		expect(answer.statusCode).toBe(503);
		const metrics = lines.filter((line) => line.includes("CloudWatchMetrics")).map((line) => JSON.parse(line));
		expect(metrics).toMatchObject([{ service: "serve-data", Requests: 1, ServerErrors: 1, LatencyMs: expect.any(Number) }]);
	});

	it("take on as much at once as a quarter of their memory holds", async () => {
		const { admission } = createDeps({ ...process.env, AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "128" });
		const gate = Promise.withResolvers<void>();
		const held = admission?.during(32 * 1024 * 1024 - 1, () => gate.promise);
		expect(await admission?.during(1, async () => "taken")).toBe("taken");
		await expect(admission?.during(2, async () => "taken")).rejects.toMatchObject({ code: "load.shed" });
		gate.resolve();
		await held;
	});

	it("create a partition at its first write, and serve it", async () => {
		expect((await call("GET", "items/k")).statusCode).toBe(404);
		const [first, second] = await Promise.all([call("PUT", "items/k%2F1", "one"), call("PUT", "items/k2", "two")]);
		expect([first?.statusCode, second?.statusCode]).toEqual([201, 201]);
		const read = await call("GET", "items/k%2F1");
		expect(read).toMatchObject({
			statusCode: 200,
			isBase64Encoded: true,
			headers: { "content-type": "text/plain", "x-heliotrope-epoch": "1" },
		});
		expect(Buffer.from(read.body ?? "", "base64").toString()).toBe("one");
		const list = JSON.parse(Buffer.from((await call("GET", "items")).body ?? "", "base64").toString()) as { items: unknown[] };
		expect(list.items).toMatchObject([{ key: "k/1", size: 3 }, { key: "k2" }]);
		expect((await call("DELETE", "items/k2")).statusCode).toBe(204);
	});

	it("owe nothing where there is no other copy", async () => {
		const keys = { pk: { S: `${P}#0` }, sk: { S: "item#k" } };
		const event: DynamoDBStreamEvent = { Records: [{ eventName: "INSERT", dynamodb: { SequenceNumber: "1", Keys: keys } }] };
		expect(await carry(event, CONTEXT)).toEqual({ batchItemFailures: [] });
	});
});

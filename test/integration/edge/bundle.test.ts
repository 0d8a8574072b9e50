import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createMetadataStore } from "#adapters/dynamodb/metadata-store.ts";
import { regionId } from "#domain/geography/region-id.ts";
import { partitionId } from "#domain/partition/partition-id.ts";
import { BUNDLING } from "#infra/description/bundling.ts";
import { EDGE_DISTRIBUTION, type EdgeConfig } from "#infra/description/edge.ts";
import { originRequestEvent } from "#local/edge/cloudfront-event.ts";
import { ManualClock } from "#test/__helpers__/manual-clock.ts";
import { type Engine, startEngine } from "#test/integration/metadata/engine.ts";

const [virginia, dublin] = [regionId("us-east-1"), regionId("eu-west-1")];
const config: EdgeConfig = {
	stage: "test",
	regions: [virginia, dublin],
	controlRegion: virginia,
	metadataTable: "heliotrope-test-metadata",
	origins: {
		[virginia]: { domainName: "v.example", port: 443, protocol: "https" },
		[dublin]: { domainName: "d.example", port: 443, protocol: "https" },
	},
};
const ENTRY = fileURLToPath(new URL("../../../lambdas/route-request/handler.ts", import.meta.url));
let engine: Engine;
let folder: string;

beforeAll(async () => {
	[engine, folder] = await Promise.all([startEngine(config.metadataTable), mkdtemp(join(tmpdir(), "edge-bundle-"))]);
});
afterAll(async () => {
	await engine.stop();
	await rm(folder, { recursive: true });
});

/** Runs the bundle's handler once in a thread whose environment is what Lambda@Edge reserves. */
function runBundle(file: string, event: unknown): Promise<unknown> {
	const code = `const { workerData, parentPort } = require("node:worker_threads");
		import(workerData.file).then(({ handler }) => handler(workerData.event)).then((value) => parentPort.postMessage(value));`;
	const env = { AWS_REGION: "eu-west-2", AWS_ACCESS_KEY_ID: "key", AWS_SECRET_ACCESS_KEY: "secret", AWS_ENDPOINT_URL: engine.url };
	const worker = new Worker(code, { eval: true, env, workerData: { file: pathToFileURL(file).href, event } });
	return new Promise((resolve, reject) => {
		worker.once("message", (value) => void worker.terminate().then(() => resolve(value)));
		worker.once("error", reject);
	});
}

test("the bundled handler routes with its baked configuration and no environment of its own", async () => {
	const outfile = join(folder, "route-request.mjs");
	await build({
		entryPoints: [ENTRY],
		outfile,
		...BUNDLING,
		external: [...BUNDLING.external],
		mainFields: [...EDGE_DISTRIBUTION.bundling.mainFields],
		minify: EDGE_DISTRIBUTION.bundling.minify,
		logLevel: "silent",
		define: { __HELIOTROPE_EDGE_CONFIG__: JSON.stringify(config) },
	});
	const store = createMetadataStore({
		tableName: config.metadataTable,
		region: virginia,
		controlRegion: virginia,
		clientFor: () => engine.client(),
		clock: new ManualClock(),
	});
	await store.create({
		partition: partitionId("acme"),
		leader: virginia,
		followers: [],
		epoch: 3,
		phase: "active",
		buckets: 8,
		version: 1,
		createdAtMs: 0,
		updatedAtMs: 0,
		leaderSinceMs: 0,
	});
	const viewer = {
		method: "GET",
		uri: "/v1/partitions/acme/items/k",
		querystring: "",
		rawHeaders: [],
		clientIp: "192.0.2.1",
		body: { data: Buffer.alloc(0), truncated: false },
	};
	expect(await runBundle(outfile, originRequestEvent(viewer, {}, "r-1"))).toMatchObject({
		headers: { "x-heliotrope-edge-region": [{ value: dublin }], "x-heliotrope-buckets": [{ value: "8" }] },
		origin: { custom: { domainName: "v.example", port: 443, protocol: "https" } },
	});
});

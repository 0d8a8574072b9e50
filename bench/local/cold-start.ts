import assert from "node:assert";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { build } from "esbuild";
import type { Samples } from "#bench/benchmark.ts";
import type { LocalBenchSizes } from "#bench/local/sizes.ts";
import { temporaryDirectory } from "#bench/local/stopwatch.ts";
import { type RegionId, regionId } from "#domain/geography/region-id.ts";
import { environmentFor } from "#infra/description/deployment.ts";
import { edgeConfigOf } from "#infra/description/edge.ts";
import { FUNCTIONS, type FunctionDescription } from "#infra/description/functions.ts";
import { WallClock } from "#local/clock/wall-clock.ts";
import { localDeployment } from "#local/deployment.ts";
import { Callers } from "#local/gateway/callers.ts";
import { type Bundles, bundleFunctions } from "#local/lambda-host/bundle.ts";
import { Sandbox } from "#local/lambda-host/sandbox.ts";
import type { SandboxFunction } from "#local/lambda-host/sandbox-protocol.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** From no sandbox to one of the data plane that has loaded its code, against a thread that only loads the bundled DynamoDB client. */
export async function measureColdStart(sizes: LocalBenchSizes, say: (line: string) => void): Promise<readonly Samples[]> {
	say("cold starts of a sandbox and imports of the DynamoDB client");
	await using stack = new AsyncDisposableStack();
	const outDir = temporaryDirectory(stack);
	const region = regionId(sizes.regions[0] ?? "");
	const deployment = localDeployment({ regions: [region] }, region);
	const bundles = await bundleFunctions(outDir, edgeConfigOf(deployment));
	const clientUrl = await bundleClient(outDir);
	const fn = {
		name: "serve-data",
		entry: SERVE_DATA.entry,
		handler: "nothing",
		environment: environmentFor(deployment, SERVE_DATA.environment),
	};
	const values: number[] = [];
	const baselineValues: number[] = [];
	for (let round = 0; round < sizes.coldStarts; round += 1) {
		values.push(await startSandbox(bundles, region, fn));
		baselineValues.push(await importClient(clientUrl));
	}
	return [
		{
			metric: "cold start of the data plane's sandbox",
			unit: "ms",
			values,
			baselineOf: "import of the bundled DynamoDB client in a thread",
			baselineValues,
		},
	];
}

const SERVE_DATA = describedAs("serve-data");

function describedAs(name: string): FunctionDescription {
	const found = FUNCTIONS.find((fn) => fn.name === name);
	assert(found !== undefined);
	return found;
}

/** Wall ms. A handler that is not there is answered once the code has been loaded and run, which is the end of a cold start. */
async function startSandbox(bundles: Bundles, region: RegionId, fn: SandboxFunction): Promise<number> {
	const startedMs = performance.now();
	const clock = new WallClock((_label, error) => {
		throw error;
	});
	const caller = new Callers().issue(region, "bench");
	const codeUrl = bundles.get(fn.entry) ?? "";
	const data = { codeUrl, time: undefined, seed: undefined };
	const sandbox = new Sandbox({
		caller,
		memoryMb: 1024,
		data,
		environment: { AWS_REGION: region },
		beginBackground: () => clock.begin("background"),
		onIdle: () => {},
		onOutput: () => {},
	});
	const context = { functionName: "bench", awsRequestId: "bench", memoryLimitInMB: "1024", invokedFunctionArn: "", deadlineMs: 0 };
	const outcome = await sandbox.invoke(fn, {}, () => context, clock.begin("cold start"));
	const elapsedMs = performance.now() - startedMs;
	assert(!outcome.ok && outcome.errorType === "Runtime.HandlerNotFound", JSON.stringify(outcome));
	await sandbox.terminate(outcome);
	return elapsedMs;
}

async function importClient(url: string): Promise<number> {
	const startedMs = performance.now();
	const worker = new Worker(`import(${JSON.stringify(url)}).then(() => require("node:worker_threads").parentPort.postMessage("loaded"))`, {
		eval: true,
	});
	await once(worker, "message");
	const elapsedMs = performance.now() - startedMs;
	await worker.terminate();
	return elapsedMs;
}

async function bundleClient(outDir: string): Promise<string> {
	const outfile = join(outDir, "client.mjs");
	await build({
		stdin: { contents: 'export { DynamoDBClient, GetItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";', resolveDir: ROOT },
		outfile,
		bundle: true,
		platform: "node",
		target: "node24",
		format: "esm",
		logLevel: "silent",
		banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
	});
	return pathToFileURL(outfile).href;
}

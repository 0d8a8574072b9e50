import { execFile } from "node:child_process";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { type BuildOptions, build } from "esbuild";
import type { Samples } from "#bench/benchmark.ts";
import type { EdgeBenchSizes } from "#bench/edge/sizes.ts";
import { temporaryDirectory } from "#bench/local/stopwatch.ts";
import { regionId } from "#domain/geography/region-id.ts";
import { BUNDLING } from "#infra/description/bundling.ts";
import { EDGE_DISTRIBUTION, edgeConfigOf } from "#infra/description/edge.ts";
import { localDeployment } from "#local/deployment.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const CLIENT = 'export { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";';
const BASELINE = "a bundle of the DynamoDB client alone, made in the same way";
const MOST_KB = 400;

/** How large the edge function is, and how long a process takes to load it. */
export async function measureBundles(sizes: EdgeBenchSizes, say: (line: string) => void): Promise<readonly Samples[]> {
	say("bundles of the edge function and of the DynamoDB client");
	await using stack = new AsyncDisposableStack();
	const dir = temporaryDirectory(stack);
	const region = regionId("eu-west-1");
	const config = edgeConfigOf(localDeployment({ regions: [region] }, region));
	const define = { __HELIOTROPE_EDGE_CONFIG__: JSON.stringify(config) };
	const edge = await bundle(join(dir, "edge.mjs"), { entryPoints: [join(ROOT, "lambdas/route-request/handler.ts")], define });
	const client = await bundle(join(dir, "client.mjs"), { stdin: { contents: CLIENT, resolveDir: ROOT } });
	const values: number[] = [];
	const baselineValues: number[] = [];
	for (let round = 0; round < sizes.imports; round += 1) {
		values.push(await importMs(edge));
		baselineValues.push(await importMs(client));
	}
	return [
		{
			metric: "edge function, minified",
			unit: "kB",
			values: [(await stat(edge)).size / 1000],
			baselineOf: BASELINE,
			baselineValues: [(await stat(client)).size / 1000],
			target: { of: "value", is: "at most", limit: MOST_KB },
		},
		{
			metric: "cold import of the edge function",
			unit: "ms",
			values,
			baselineOf: BASELINE,
			baselineValues,
			target: { of: "ratio", is: "at most", limit: 1.5 },
		},
	];
}

async function bundle(outfile: string, what: BuildOptions): Promise<string> {
	const { mainFields, minify } = EDGE_DISTRIBUTION.bundling;
	await build({ ...what, outfile, ...BUNDLING, external: [...BUNDLING.external], mainFields: [...mainFields], minify });
	return outfile;
}

/** In a process of its own with what Lambda@Edge has of an environment, from the import to its end. */
async function importMs(file: string): Promise<number> {
	const code = `const from = performance.now(); import(${JSON.stringify(pathToFileURL(file).href)}).then(() => console.log(performance.now() - from))`;
	const env = { AWS_REGION: "eu-west-1", AWS_ACCESS_KEY_ID: "key", AWS_SECRET_ACCESS_KEY: "secret" };
	const { stdout } = await promisify(execFile)(process.execPath, ["--eval", code], { env });
	return Number(stdout);
}

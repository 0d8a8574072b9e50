import { existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { EDGE_DISTRIBUTION } from "#infra/description/edge.ts";
import { FUNCTIONS } from "#infra/description/functions.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** The thread that runs a function: bundled too, so that a cold start strips no types and resolves no imports. */
export const SANDBOX_ENTRY = "local/lambda-host/sandbox-worker.ts";

/** Bundled code by entry file: the URL to import. */
export type Bundles = ReadonlyMap<string, string>;

/**
 * Bundles every function as the deployment does: one file an entry, ESM, with `define` baked into the edge functions, which have
 * no environment variables; and the sandbox that runs them.
 *
 * @param outDir where the bundles go; created if missing
 * @param edgeConfig what `__HELIOTROPE_EDGE_CONFIG__` stands for in edge functions
 */
export async function bundleFunctions(outDir: string, edgeConfig: unknown): Promise<Bundles> {
	const entries = [...new Set(FUNCTIONS.map((fn) => fn.entry))];
	const edge = new Set(FUNCTIONS.filter((fn) => fn.placement === "edge").map((fn) => fn.entry));
	const groups = [entries.filter((entry) => !edge.has(entry)), [...edge], [SANDBOX_ENTRY]];
	const define = { __HELIOTROPE_EDGE_CONFIG__: JSON.stringify(edgeConfig) };
	await Promise.all(groups.map((group, index) => bundleGroup(group, outDir, index === 1 ? define : {})));
	return new Map([...entries, SANDBOX_ENTRY].map((entry) => [entry, pathToFileURL(path.join(outDir, outputName(entry))).href]));
}

async function bundleGroup(entries: readonly string[], outDir: string, define: Record<string, string>): Promise<void> {
	const missing = entries.find((entry) => !existsSync(path.join(ROOT, entry)));
	if (missing !== undefined) throw new Error(`no such function entry: ${missing}`);
	await build({
		absWorkingDir: ROOT,
		entryPoints: Object.fromEntries(entries.map((entry) => [outputName(entry).replace(/\.mjs$/, ""), entry])),
		outdir: outDir,
		outExtension: { ".js": ".mjs" },
		bundle: true,
		platform: "node",
		target: "node24",
		format: "esm",
		mainFields: [...EDGE_DISTRIBUTION.bundling.mainFields],
		// The SDK is the same for all: parsed once, written once.
		splitting: true,
		chunkNames: "shared-[hash]",
		logLevel: "silent",
		define,
		// Some dependencies are CommonJS and call `require`, which ESM does not have.
		banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
	});
}

const outputName = (entry: string): string => `${entry.replace(/\.ts$/, "").replaceAll("/", "--")}.mjs`;

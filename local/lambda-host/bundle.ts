import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { BUNDLING } from "#infra/description/bundling.ts";
import { EDGE_DISTRIBUTION } from "#infra/description/edge.ts";
import { FUNCTIONS } from "#infra/description/functions.ts";
import { keptOrBuilt } from "#local/lambda-host/kept-bundles.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
/** Goes with `node_modules`. */
const KEPT_IN = join(ROOT, "node_modules/.cache/heliotrope/functions");

/** The thread that runs a function: bundled too, so that a cold start strips no types and resolves no imports. */
export const SANDBOX_ENTRY = "local/lambda-host/sandbox-worker.ts";

/** What the sources of edge functions say where their configuration comes. */
const EDGE_CONFIG = "__HELIOTROPE_EDGE_CONFIG__";

/** Sources that a bundler does not name: how bundles are made, and from which versions. */
const MADE_BY = ["package.json", "package-lock.json", "local/lambda-host/bundle.ts"];

/** Bundled code by entry file: the URL to import. */
export type Bundles = ReadonlyMap<string, string>;

const isEdge = ({ placement }: (typeof FUNCTIONS)[number]): boolean => placement === "edge";
const entriesOf = (functions: readonly (typeof FUNCTIONS)[number][]): readonly string[] => [...new Set(functions.map((fn) => fn.entry))];
const EDGE_ENTRIES = entriesOf(FUNCTIONS.filter(isEdge));
const REGIONAL_ENTRIES = entriesOf(FUNCTIONS.filter((fn) => !isEdge(fn))).filter((entry) => !EDGE_ENTRIES.includes(entry));
/** Folders of a kept bundle by what goes into them; the edge functions wait there for their configuration. */
const GROUPS = { regional: REGIONAL_ENTRIES, edge: EDGE_ENTRIES, sandbox: [SANDBOX_ENTRY] } as const;

/**
 * Bundles every function as the deployment does: one file an entry, ESM, with the configuration baked into the edge functions, which
 * have no environment variables; and the sandbox that runs them. What has been bundled is kept, with what V8 compiled of it, until a
 * source changes.
 *
 * @param outDir where the edge functions of this cloud go, and everything where nothing can be kept; created if missing
 * @param edgeConfig what `__HELIOTROPE_EDGE_CONFIG__` stands for in edge functions
 */
export async function bundleFunctions(outDir: string, edgeConfig: unknown): Promise<Bundles> {
	const kept = await keptOrBuilt({ keptIn: KEPT_IN, otherwiseIn: join(outDir, "bundled"), root: ROOT, what: GROUPS, build: bundleGroups });
	const edge = join(outDir, "edge");
	await bakeInto(edge, join(kept, "edge"), JSON.stringify(edgeConfig));
	return new Map(
		Object.entries(GROUPS).flatMap(([group, entries]) =>
			entries.map((entry) => [entry, pathToFileURL(join(group === "edge" ? edge : join(kept, group), outputName(entry))).href] as const),
		),
	);
}

/** @returns the files that went into it, relative to the root */
async function bundleGroups(folder: string): Promise<readonly string[]> {
	const inputs = await Promise.all(Object.entries(GROUPS).map(([group, entries]) => bundleGroup(entries, join(folder, group))));
	return [...new Set([...MADE_BY, ...inputs.flat()])];
}

async function bundleGroup(entries: readonly string[], outDir: string): Promise<readonly string[]> {
	const missing = entries.find((entry) => !existsSync(join(ROOT, entry)));
	if (missing !== undefined) throw new Error(`no such function entry: ${missing}`);
	const { metafile } = await build({
		absWorkingDir: ROOT,
		entryPoints: Object.fromEntries(entries.map((entry) => [outputName(entry).replace(/\.mjs$/, ""), entry])),
		outdir: outDir,
		outExtension: { ".js": ".mjs" },
		...BUNDLING,
		external: [...BUNDLING.external],
		mainFields: [...EDGE_DISTRIBUTION.bundling.mainFields],
		// A thread reads its code when it starts: half of a bundle is space.
		minifyWhitespace: true,
		logLevel: "silent",
		metafile: true,
	});
	return Object.keys(metafile.inputs);
}

/** A copy of the edge functions that knows its cloud. */
async function bakeInto(outDir: string, from: string, config: string): Promise<void> {
	await mkdir(outDir, { recursive: true });
	const files = (await readdir(from)).filter((name) => name.endsWith(".mjs"));
	await Promise.all(
		files.map(async (name) =>
			writeFile(
				join(outDir, name),
				(await readFile(join(from, name), "utf8")).replaceAll(EDGE_CONFIG, () => config),
			),
		),
	);
}

const outputName = (entry: string): string => `${entry.replace(/\.ts$/, "").replaceAll("/", "--")}.mjs`;

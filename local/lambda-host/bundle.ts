import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type BuildOptions, build } from "esbuild";
import { BUNDLING } from "#infra/description/bundling.ts";
import { EDGE_DISTRIBUTION } from "#infra/description/edge.ts";
import { FUNCTIONS } from "#infra/description/functions.ts";
import { keptOrBuilt } from "#local/lambda-host/kept-bundles.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
/** Goes with `node_modules`. */
const KEPT_IN = join(ROOT, "node_modules/.cache/heliotrope/functions");

/** The thread that runs functions: bundled too, so that a cold start strips no types and resolves no imports. */
export const SANDBOX_ENTRY = "local/lambda-host/sandbox-worker.ts";

/** What the sources of edge functions say where their configuration comes. */
const EDGE_CONFIG = "__HELIOTROPE_EDGE_CONFIG__";

/** What a bundler calls the file that names the entries, which there is none of. */
const LOADER = "functions";

/** Sources that a bundler does not name: how bundles are made, and from which versions. */
const MADE_BY = ["package.json", "package-lock.json", "local/lambda-host/bundle.ts"];

/**
 * By entry file, the URL of the code that has it. Several entries may be in one: it exports `load`, which by entry gives a function that
 * runs the entry's code, once, and answers what that exports.
 */
export type Bundles = ReadonlyMap<string, string>;

const isEdge = ({ placement }: (typeof FUNCTIONS)[number]): boolean => placement === "edge";
const entriesOf = (functions: readonly (typeof FUNCTIONS)[number][]): readonly string[] => [...new Set(functions.map((fn) => fn.entry))];
const EDGE_ENTRIES = entriesOf(FUNCTIONS.filter(isEdge));
const REGIONAL_ENTRIES = entriesOf(FUNCTIONS.filter((fn) => !isEdge(fn))).filter((entry) => !EDGE_ENTRIES.includes(entry));
/** Once a week, and large: the client of SageMaker's control plane is in it. */
const TRAINING_ENTRIES = ["lambdas/train-model/handler.ts"];
/** What goes into one file: the edge functions, which wait there for their configuration, those that train, and all others. */
const GROUPS: Readonly<Record<string, readonly string[]>> = {
	edge: EDGE_ENTRIES,
	training: TRAINING_ENTRIES,
	regional: REGIONAL_ENTRIES.filter((entry) => !TRAINING_ENTRIES.includes(entry)),
};
const CODE = "code.mjs";
const THREAD = "thread.mjs";

/**
 * Bundles functions with the deployment's settings, ESM, with the configuration baked into the edge functions, which have no environment
 * variables; and the sandbox that runs them. All that a region's instances may run is in one file, so that they share what they have in
 * common (docs/adr/0006). What has been bundled is kept, with what V8 compiled of it, until a source changes.
 *
 * @param outDir where the edge functions of this cloud go, and everything where nothing can be kept; created if missing
 * @param edgeConfig what `__HELIOTROPE_EDGE_CONFIG__` stands for in edge functions
 */
export async function bundleFunctions(outDir: string, edgeConfig: unknown): Promise<Bundles> {
	const kept = await keptOrBuilt({ keptIn: KEPT_IN, otherwiseIn: join(outDir, "bundled"), root: ROOT, what: GROUPS, build: bundleAll });
	const edge = join(outDir, "edge");
	await bakeInto(edge, join(kept, "edge"), JSON.stringify(edgeConfig));
	const urlOf = (...path: string[]): string => pathToFileURL(join(...path)).href;
	return new Map([
		[SANDBOX_ENTRY, urlOf(kept, "sandbox", THREAD)],
		...Object.entries(GROUPS).flatMap(([group, entries]) => {
			const url = urlOf(group === "edge" ? edge : join(kept, group), CODE);
			return entries.map((entry): [string, string] => [entry, url]);
		}),
	]);
}

/** @returns the files that went into it, relative to the root */
async function bundleAll(folder: string): Promise<readonly string[]> {
	const inputs = await Promise.all([
		bundle({ entryPoints: [SANDBOX_ENTRY] }, join(folder, "sandbox", THREAD)),
		...Object.entries(GROUPS).map(([group, entries]) => bundle({ stdin: loaderOf(entries) }, join(folder, group, CODE))),
	]);
	return [...new Set([...MADE_BY, ...inputs.flat()])];
}

/** Runs an entry's code when it is first asked for: an instance pays for what it runs. */
function loaderOf(entries: readonly string[]) {
	const missing = entries.find((entry) => !existsSync(join(ROOT, entry)));
	if (missing !== undefined) throw new Error(`no such function entry: ${missing}`);
	const loads = entries.map((entry) => `${JSON.stringify(entry)}: () => import(${JSON.stringify(`./${entry}`)})`);
	return { contents: `export const load = {\n${loads.join(",\n")}\n};\n`, resolveDir: ROOT, sourcefile: LOADER };
}

async function bundle(what: Pick<BuildOptions, "entryPoints" | "stdin">, outfile: string): Promise<readonly string[]> {
	const { metafile } = await build({
		absWorkingDir: ROOT,
		...what,
		outfile,
		...BUNDLING,
		external: [...BUNDLING.external],
		mainFields: [...EDGE_DISTRIBUTION.bundling.mainFields],
		// A thread reads its code when it starts: half of a bundle is space.
		minifyWhitespace: true,
		logLevel: "silent",
		metafile: true,
	});
	return Object.keys(metafile.inputs).filter((input) => input !== LOADER);
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

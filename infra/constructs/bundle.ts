import { dirname } from "node:path";
import { Stack } from "aws-cdk-lib";
import { Code } from "aws-cdk-lib/aws-lambda";
import type { IConstruct } from "constructs";
import { type BuildOptions, buildSync } from "esbuild";
import { temporaryDirectory } from "#infra/constructs/temporary-directory.ts";
import { BUNDLING } from "#infra/description/bundling.ts";

const OPTIONS = {
	...BUNDLING,
	external: [...BUNDLING.external],
	outExtension: { ".js": ".mjs" },
	// Not minified: a stack trace in the logs has to be readable, and error names reach ASL.
	keepNames: true,
	logLevel: "warning",
} satisfies BuildOptions;

/** Directories by what was bundled: functions of one entry, in however many regions, share one. */
const bundled = new Map<string, string>();

/**
 * The code of a function as `index.mjs`, bundled once a process whatever the number of regions. Where the stack needs no bundling (tests),
 * the entry's own folder stands for it.
 *
 * @param more esbuild options beside the common ones
 */
export function codeOf(scope: IConstruct, entry: string, more: BuildOptions = {}): Code {
	if (!Stack.of(scope).bundlingRequired) return Code.fromAsset(dirname(entry));
	const key = JSON.stringify([entry, more]);
	const directory = bundled.get(key) ?? bundle(entry, more);
	bundled.set(key, directory);
	return Code.fromAsset(directory);
}

function bundle(entry: string, more: BuildOptions): string {
	const directory = temporaryDirectory("heliotrope-bundle-");
	buildSync({ ...OPTIONS, entryPoints: { index: entry }, outdir: directory, ...more });
	return directory;
}

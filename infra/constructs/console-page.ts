import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { temporaryDirectory } from "#infra/constructs/temporary-directory.ts";
import { CONSOLE_FOLDER, CONSOLE_SIGN_IN } from "#infra/description/console.ts";

let built: string | undefined;

/** The page as a deployment publishes it, in a folder of its own: its files, and the sign-in of an identity provider. Once a process. */
export function buildConsolePage(): string {
	if (built !== undefined) return built;
	const folder = temporaryDirectory("heliotrope-console-");
	cpSync(CONSOLE_FOLDER, folder, { recursive: true });
	rmSync(join(folder, CONSOLE_SIGN_IN.file));
	buildSync({
		entryPoints: [CONSOLE_SIGN_IN.source],
		outfile: join(folder, CONSOLE_SIGN_IN.file),
		bundle: true,
		format: "esm",
		platform: "browser",
		target: "es2022",
		minify: true,
		// The page's own modules stay beside it
		external: ["./dom.js"],
		logLevel: "warning",
	});
	built = folder;
	return folder;
}

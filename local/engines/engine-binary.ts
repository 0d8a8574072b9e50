import { accessSync, constants, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { reasonOf, StartupError } from "#local/startup-error.ts";

/** Where the regions' tables live: a process a region that we run, or one endpoint that somebody else runs. */
export type EngineSource = { readonly kind: "binary"; readonly path: string } | { readonly kind: "endpoint"; readonly url: string };

/** What the environment names, `DYNOXIDE_BIN` before `DYNAMODB_ENDPOINT`, else the npm package of this platform. @throws StartupError `engine-missing` */
export function findEngine(env: NodeJS.ProcessEnv): EngineSource {
	const named = env["DYNOXIDE_BIN"];
	if (named) return { kind: "binary", path: executable(named) };
	const url = env["DYNAMODB_ENDPOINT"];
	if (url) return { kind: "endpoint", url: endpoint(url) };
	const packaged = packagedBinary();
	if (packaged !== undefined) return { kind: "binary", path: packaged };
	throw new StartupError(
		"engine-missing",
		`no DynamoDB engine is installed for ${process.platform}-${process.arch}; set DYNOXIDE_BIN to a dynoxide binary or DYNAMODB_ENDPOINT to a compatible endpoint`,
	);
}

function executable(path: string): string {
	try {
		if (!statSync(path).isFile()) throw new Error("not a file");
		accessSync(path, constants.X_OK);
		return path;
	} catch (error) {
		throw new StartupError(
			"engine-missing",
			`DYNOXIDE_BIN names ${path}, which is not an executable file (${reasonOf(error)}); set it to a dynoxide binary`,
			error,
		);
	}
}

function packagedBinary(): string | undefined {
	try {
		const manifest = createRequire(import.meta.url).resolve(`@dynoxide/${process.platform}-${process.arch}/package.json`);
		return executable(join(dirname(manifest), "dynoxide"));
	} catch {
		return undefined;
	}
}

function endpoint(url: string): string {
	if (/^https?:$/.test(URL.parse(url)?.protocol ?? "")) return url.replace(/\/+$/, "");
	throw new StartupError("engine-missing", `DYNAMODB_ENDPOINT is ${JSON.stringify(url)}, expected a URL such as http://127.0.0.1:8000`);
}

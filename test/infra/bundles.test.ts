import { build } from "esbuild";
import { expect, test } from "vitest";
import { BUNDLING } from "#infra/description/bundling.ts";
import { EDGE_DISTRIBUTION } from "#infra/description/edge.ts";
import { FUNCTIONS } from "#infra/description/functions.ts";

/** What of these sources ends up in functions, by file, in bytes. */
async function bundled(entries: readonly string[]): Promise<Readonly<Record<string, number>>> {
	const { metafile } = await build({
		stdin: { contents: entries.map((entry, index) => `export * as e${index} from "./${entry}";`).join("\n"), resolveDir: "." },
		...BUNDLING,
		external: [...BUNDLING.external],
		mainFields: [...EDGE_DISTRIBUTION.bundling.mainFields],
		write: false,
		metafile: true,
		logLevel: "silent",
	});
	const [output] = Object.values(metafile.outputs);
	return Object.fromEntries(Object.entries(output?.inputs ?? {}).map(([file, { bytesInOutput }]) => [file, bytesInOutput]));
}

// `import { z }` would bring all that `z` can do into every function, forty languages among it; `import * as z` brings what is used.
test("functions bring one language of error messages with them, and no source of credentials that their environment makes superfluous", async () => {
	const inputs = await bundled([...new Set(FUNCTIONS.map(({ entry }) => entry))]);
	const files = Object.keys(inputs).filter((file) => (inputs[file] ?? 0) > 0);
	expect(files).toContain("node_modules/zod/v4/classic/schemas.js");
	expect(files.filter((file) => /zod\/v4\/locales\//.test(file))).toEqual(["node_modules/zod/v4/locales/en.js"]);
	expect(files.filter((file) => /credential-provider-(?!node|env)/.test(file))).toEqual([]);
});

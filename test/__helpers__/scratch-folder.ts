import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const NAME = "heliotrope-tests-";

/** One folder for everything that the tests of a run lay down in the temporary directory; it goes with the run. Every project asks, one makes it. */
export default function setup(): (() => void) | undefined {
	if (tmpdir().includes(NAME)) return undefined;
	const folder = mkdtempSync(join(tmpdir(), NAME));
	// Workers are started with this environment.
	process.env["TMPDIR"] = folder;
	return () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}

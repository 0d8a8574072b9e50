import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A directory of its own that goes with the process: assets are copied out of it while the stacks are made. */
export function temporaryDirectory(prefix: string): string {
	const directory = mkdtempSync(join(tmpdir(), prefix));
	process.once("exit", () => rmSync(directory, { recursive: true, force: true }));
	return directory;
}

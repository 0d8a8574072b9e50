import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const made: string[] = [];

/** A directory of its own that goes with the process: assets are copied out of it while the stacks are made. */
export function temporaryDirectory(prefix: string): string {
	// One listener for all of them: more than ten would look like a leak
	if (made.length === 0) process.once("exit", () => made.forEach(remove));
	const directory = mkdtempSync(join(tmpdir(), prefix));
	made.push(directory);
	return directory;
}

const remove = (directory: string): void => rmSync(directory, { recursive: true, force: true });

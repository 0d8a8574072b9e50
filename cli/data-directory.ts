import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Where a run keeps its state. */
export interface DataDirectory {
	readonly path: string;
	/** After a clean stop: removes it if it was made for this run only. */
	discard(): void;
}

/** The directory asked for, or a temporary one. */
export function openDataDirectory(path: string | undefined): DataDirectory {
	if (path !== undefined) return { path, discard: () => undefined };
	const temporary = mkdtempSync(join(tmpdir(), "heliotrope-"));
	return { path: temporary, discard: () => rmSync(temporary, { recursive: true, force: true, maxRetries: 3 }) };
}

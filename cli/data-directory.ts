import { rmSync } from "node:fs";
import { dirname } from "node:path";
import { clearAbandoned, makeScratchDirectory } from "#local/state/scratch-directory.ts";

/** Where a run keeps its state. */
export interface DataDirectory {
	readonly path: string;
	/** After a clean stop: removes it if it was made for this run only. */
	discard(): void;
}

/** The directory asked for, or one for this run only; what killed runs left in their own is cleared away then. */
export async function openDataDirectory(path: string | undefined, nowMs: number): Promise<DataDirectory> {
	if (path !== undefined) return { path, discard: () => undefined };
	const scratch = makeScratchDirectory();
	await clearAbandoned(dirname(scratch), nowMs);
	return { path: scratch, discard: () => rmSync(scratch, { recursive: true, force: true, maxRetries: 3 }) };
}

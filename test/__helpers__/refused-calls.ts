import { readFileSync } from "node:fs";
import { join } from "node:path";

/** What functions were refused in a local cloud because their roles do not allow it: each once, as its log says it. A role lacks something then. */
export function refusedCalls(dataDir: string): readonly string[] {
	const log = readFileSync(join(dataDir, "heliotrope.log"), "utf8");
	return [...new Set(log.match(/(?<=gateway: ).* is not authorized to perform .*/g))];
}

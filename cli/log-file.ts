import { appendFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";

/** Appends lines of diagnostics to `<data>/heliotrope.log`. Never throws: a full disk must not end a run that works. */
export class LogFile {
	readonly path: string;
	readonly #dataDir: string;

	constructor(dataDir: string) {
		this.#dataDir = dataDir;
		this.path = join(dataDir, "heliotrope.log");
	}

	readonly write = (line: string): void => {
		try {
			mkdirSync(this.#dataDir, { recursive: true });
			appendFileSync(this.path, `${new Date().toISOString()} ${line}\n`);
		} catch {
			// There is nowhere left to say so.
		}
	};

	/** An error with its stack, which belongs here and not on the terminal. */
	writeError(error: unknown): void {
		this.write(error instanceof Error ? (error.stack ?? error.message) : String(error));
	}
}

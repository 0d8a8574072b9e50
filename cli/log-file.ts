import { appendFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";

/** Appends lines of diagnostics to `<data>/heliotrope.log`, until its end. Never throws: a full disk must not end a run that works. */
export class LogFile {
	readonly path: string;
	readonly #dataDir: string;
	#ended = false;

	constructor(dataDir: string) {
		this.#dataDir = dataDir;
		this.path = join(dataDir, "heliotrope.log");
	}

	readonly write = (line: string): void => {
		if (this.#ended) return;
		const text = `${new Date().toISOString()} ${line}\n`;
		try {
			appendFileSync(this.path, text);
		} catch {
			this.#writeInNewFolder(text);
		}
	};

	#writeInNewFolder(text: string): void {
		try {
			mkdirSync(this.#dataDir, { recursive: true });
			appendFileSync(this.path, text);
		} catch {
			// There is nowhere left to say so.
		}
	}

	/** Drops what comes from now on: before the folder is removed, which a late line would make again. */
	end(): void {
		this.#ended = true;
	}

	/** An error with its stack, which belongs here and not on the terminal. */
	writeError(error: unknown): void {
		this.write(error instanceof Error ? (error.stack ?? error.message) : String(error));
	}
}

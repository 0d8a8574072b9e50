import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { LogError } from "#replay/readers/log-error.ts";
import { translate } from "#replay/readers/open-bytes.ts";

/** A file to read. */
export interface LogFileEntry {
	readonly path: string;
	/** Found in a folder: it may be something else, and is then passed over instead of being an error. */
	readonly found: boolean;
}

/** The files named, and all those in the folders named and below, in order of their paths; hidden ones and markers (`_SUCCESS`) are left out. @throws LogError */
export async function listFiles(paths: readonly string[]): Promise<readonly LogFileEntry[]> {
	const lists = await Promise.all(paths.map(entriesOf));
	return lists.flat();
}

async function entriesOf(path: string): Promise<readonly LogFileEntry[]> {
	try {
		if (!(await stat(path)).isDirectory()) return [{ path, found: false }];
		const entries = await readdir(path, { recursive: true, withFileTypes: true });
		const files = entries.filter((entry) => entry.isFile() && !/^[._]/.test(entry.name)).map((entry) => join(entry.parentPath, entry.name));
		if (files.length === 0) throw new LogError("log.empty", path, "the folder holds no file; expected access logs");
		return files.sort().map((file) => ({ path: file, found: true }));
	} catch (error) {
		throw translate(path, error);
	}
}

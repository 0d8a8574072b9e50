import { accessSync, constants, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { reasonOf, StartupError } from "#local/startup-error.ts";

/** Wall ms to wait for a process that is just being killed to let go of its files. */
const RELEASE_GRACE_MS = 500;

/** Creates `dataDir` with its folders. @throws StartupError `data-unwritable` */
export function prepareDataDirectory(dataDir: string): void {
	try {
		for (const folder of ["engines", "pids"]) mkdirSync(join(dataDir, folder), { recursive: true });
		accessSync(dataDir, constants.W_OK | constants.X_OK);
	} catch (error) {
		throw unwritable(dataDir, error);
	}
}

const unwritable = (dataDir: string, cause: unknown): StartupError =>
	new StartupError(
		"data-unwritable",
		`the data directory ${dataDir} cannot be written (${reasonOf(cause)}); name a writable one with --data`,
		cause,
	);

/**
 * Opens an SQLite file of the data directory that one process at a time may hold. The operating system lets go of it when the
 * process dies, however it dies, so that no stale lock can stay behind.
 *
 * @throws StartupError `data-in-use` while another process holds it, `data-unwritable` when it cannot be created
 */
export function openExclusively(dataDir: string, file: string): DatabaseSync {
	prepareDataDirectory(dataDir);
	try {
		const db = new DatabaseSync(join(dataDir, file), { timeout: RELEASE_GRACE_MS });
		try {
			// Set before the first access: only then is the exclusive lock taken for good and no shared-memory file made.
			db.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;");
			db.exec("BEGIN EXCLUSIVE; COMMIT;");
		} catch (error) {
			db.close();
			throw error;
		}
		return db;
	} catch (error) {
		throw isBusy(error) ? inUse(dataDir, error) : unwritable(dataDir, error);
	}
}

const SQLITE_BUSY = 5;
const isBusy = (error: unknown): boolean => (error as { errcode?: number }).errcode === SQLITE_BUSY;

function inUse(dataDir: string, cause: unknown): StartupError {
	const holder = holderOf(dataDir);
	return new StartupError(
		"data-in-use",
		`the data directory ${dataDir} is in use by a running local cloud${holder}; stop it first or name another with --data`,
		cause,
	);
}

function holderOf(dataDir: string): string {
	try {
		return ` (process ${readFileSync(pidFile(dataDir), "utf8").trim()})`;
	} catch {
		return "";
	}
}

const pidFile = (dataDir: string): string => join(dataDir, "pids", "cloud.pid");

/** Held while a cloud's engines run on a data directory, so that two clouds cannot share one. */
export interface DataDirectoryLock {
	/** Idempotent. */
	release(): void;
}

/** @throws StartupError `data-in-use`, `data-unwritable` */
export function lockDataDirectory(dataDir: string): DataDirectoryLock {
	const db = openExclusively(dataDir, "lock.sqlite");
	writeFileSync(pidFile(dataDir), `${process.pid}\n`);
	return {
		release: () => {
			if (db.isOpen) db.close();
		},
	};
}

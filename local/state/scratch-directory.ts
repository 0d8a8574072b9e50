import { accessSync, constants, existsSync, mkdtempSync, readdirSync, rmSync, statfsSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clearLeftovers } from "#local/engines/leftovers.ts";
import { lockDataDirectory } from "#local/state/data-directory.ts";

const NAME = /^heliotrope-[A-Za-z0-9]{6}$/;
const LOG_FILE = "heliotrope.log";
const LOG_KEPT_MS = 7 * 24 * 3600 * 1000;

/** A file system in memory: engines wait for the disk at every commit, which is for nothing where the state is thrown away. */
const MEMORY = "/dev/shm";
const MEMORY_FREE_BYTES = 2 * 1024 ** 3;

/** A new directory for the state of a run that is not kept: in memory where the system has room for it, else where `TMPDIR` says. */
export const makeScratchDirectory = (): string => mkdtempSync(join(scratchRoot(), "heliotrope-"));

/** `TMPDIR` decides where it is set. */
export function scratchRoot(environment: NodeJS.ProcessEnv = process.env, memory: string = MEMORY): string {
	if (environment["TMPDIR"] !== undefined) return tmpdir();
	try {
		accessSync(memory, constants.W_OK | constants.X_OK);
		const { bavail, bsize } = statfsSync(memory);
		return bavail * bsize >= MEMORY_FREE_BYTES ? memory : tmpdir();
	} catch {
		return tmpdir();
	}
}

/**
 * Ends what runs that were killed left running on their scratch directories below `root`, and removes their state. A log stays for
 * a week: it may be all that is known of a failure. Directories in use, and those of other users, are left alone.
 */
export async function clearAbandoned(root: string, nowMs: number): Promise<void> {
	for (const path of readdirSync(root).flatMap((name) => (NAME.test(name) ? join(root, name) : []))) {
		try {
			await clearOne(path, nowMs);
		} catch {
			// In use or not ours, or removed by another start at the same time.
		}
	}
}

async function clearOne(path: string, nowMs: number): Promise<void> {
	// Written by the cloud that held it; without it the directory may be one that another start is making just now.
	if (existsSync(join(path, "pids", "cloud.pid"))) {
		const lock = lockDataDirectory(path);
		await clearLeftovers(path);
		lock.release();
		for (const name of readdirSync(path)) if (name !== LOG_FILE) rmSync(join(path, name), { recursive: true, force: true });
	}
	const log = join(path, LOG_FILE);
	const left = readdirSync(path);
	if (left.length === 1 && left[0] === LOG_FILE && nowMs - statSync(log).mtimeMs > LOG_KEPT_MS) rmSync(path, { recursive: true });
}

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { rememberProcess } from "#local/engines/leftovers.ts";
import { lockDataDirectory } from "#local/state/data-directory.ts";
import { clearAbandoned, scratchRoot } from "#local/state/scratch-directory.ts";

const NOW_MS = Date.parse("2026-03-01T00:00:00Z");
const DAY_MS = 24 * 3600 * 1000;
let root: string;

beforeEach(() => {
	root = mkdtempSync(join(tmpdir(), "scratch-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** A data directory as a cloud leaves it that was killed. */
function abandoned(name: string, logAgeDays: number): string {
	const path = join(root, name);
	lockDataDirectory(path).release();
	writeFileSync(join(path, "engines", "eu-west-1.sqlite"), "items");
	writeFileSync(join(path, "heliotrope.log"), "what happened\n");
	const loggedSeconds = (NOW_MS - logAgeDays * DAY_MS) / 1000;
	utimesSync(join(path, "heliotrope.log"), loggedSeconds, loggedSeconds);
	return path;
}

describe("where a run that is not kept has its state", () => {
	it("is memory, where that has room and nobody says otherwise", () => {
		expect(scratchRoot({}, root)).toBe(root);
		expect(scratchRoot({ TMPDIR: "/somewhere" }, root)).toBe(tmpdir());
		expect(scratchRoot({}, join(root, "missing"))).toBe(tmpdir());
	});
});

describe("what killed runs leave behind", () => {
	it("is cleared away: their processes and state at once, their log after a week", async () => {
		const fresh = abandoned("heliotrope-aaaaaa", 6);
		const old = abandoned("heliotrope-bbbbbb", 8);
		const dbPath = join(fresh, "engines", "eu-west-1.sqlite");
		const engine = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)", dbPath]);
		rememberProcess(fresh, "eu-west-1", engine.pid ?? 0, dbPath);
		const ended = once(engine, "exit");
		await clearAbandoned(root, NOW_MS);
		expect((await ended)[1]).toBe("SIGKILL");
		expect(readdirSync(fresh)).toEqual(["heliotrope.log"]);
		expect(existsSync(old)).toBe(false);
		await clearAbandoned(root, NOW_MS + 2 * DAY_MS);
		expect(readdirSync(root)).toEqual([]);
	});

	it("is left alone where it is in use, just being made, or somebody else's", async () => {
		const held = abandoned("heliotrope-cccccc", 8);
		const lock = lockDataDirectory(held);
		mkdirSync(join(root, "heliotrope-dddddd"));
		abandoned("heliotrope-of-mine", 8);
		await clearAbandoned(root, NOW_MS);
		lock.release();
		expect(readdirSync(root).toSorted()).toEqual(["heliotrope-cccccc", "heliotrope-dddddd", "heliotrope-of-mine"]);
		expect(existsSync(join(held, "engines", "eu-west-1.sqlite"))).toBe(true);
	});
});

import assert from "node:assert";
import { type ChildProcess, spawn } from "node:child_process";
import { setTimeout as pause } from "node:timers/promises";
import { membersLeft, runningMembers, signalGroup } from "#test/e2e/main-job/process-group.ts";

/** How a process ended: one of both is null. */
export interface Exit {
	readonly code: number | null;
	readonly signal: NodeJS.Signals | null;
}

/** Kills the group once standard input ends, which it does however the test run ends: nothing outlives a killed test run. */
const GUARD = 'cat >/dev/null; kill -s KILL -- "-$1"';
const POLL_MS = 5;
const GONE_LIMIT_MS = 5000;

/** A command in a process group of its own, so that a whole tree can be signalled. */
/** What of the environment a process inherits where it is set. */
const PASSED = ["DYNOXIDE_BIN", "HELIOTROPE_RECORD_CALLS"] as const;

export class HeliotropeProcess {
	/** Its pid, which is its group's number too. */
	readonly pid: number;
	readonly exited: Promise<Exit>;
	readonly #child: ChildProcess;
	readonly #guard: ChildProcess;
	#exit: Exit | undefined;
	stdout = "";
	stderr = "";

	constructor([program, ...args]: readonly [string, ...string[]], temporaryFolder: string, env: Readonly<Record<string, string>> = {}) {
		const { PATH = "", HOME = "" } = process.env;
		const passed = PASSED.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]));
		const inherited = { PATH, HOME, TMPDIR: temporaryFolder, ...Object.fromEntries(passed) };
		const options = { env: { ...inherited, ...env }, detached: true } as const;
		this.#child = spawn(program, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
		// Group 0 would be the test's own.
		assert(this.#child.pid !== undefined, `${program} cannot be run`);
		this.pid = this.#child.pid;
		this.#guard = spawn("sh", ["-c", GUARD, "guard", String(this.pid)], { stdio: ["pipe", "ignore", "ignore"], detached: true });
		this.#child.stdout?.on("data", (chunk: Buffer) => {
			this.stdout += chunk.toString();
		});
		this.#child.stderr?.on("data", (chunk: Buffer) => {
			this.stderr += chunk.toString();
		});
		// `exit` and not `close`: what it may have left behind can hold the pipes open.
		this.exited = new Promise((resolve, reject) => {
			this.#child.once("error", reject);
			this.#child.once("exit", (code, signal) => {
				this.#exit = { code, signal };
				setImmediate(() => resolve({ code, signal }));
			});
		});
	}

	/** Waits for a condition that the process is on its way to. @throws Error with what it said, when it ends before */
	async until(what: string, holds: () => boolean): Promise<void> {
		while (!holds()) {
			if (this.#exit !== undefined) throw new Error(`ended (${JSON.stringify(this.#exit)}) before ${what}:\n${this.stderr}`);
			await pause(POLL_MS);
		}
	}

	/** Waits until the cloud serves; its URL. */
	async up(): Promise<string> {
		await this.until("it was up", () => this.stderr.includes("Heliotrope is up at"));
		return /is up at (\S+),/.exec(this.stderr)?.[1] ?? "";
	}

	/** Signals the process alone. */
	signal(signal: NodeJS.Signals): void {
		this.#child.kill(signal);
	}

	/** Signals it and everything it started, as a terminal does. */
	signalTree(signal: NodeJS.Signals): void {
		signalGroup(this.pid, signal);
	}

	running(): readonly string[] {
		return runningMembers(this.pid);
	}

	/** What is left of the tree some seconds after its end; nothing, as it should be. */
	left(): Promise<readonly string[]> {
		return membersLeft(this.pid, GONE_LIMIT_MS);
	}

	/** For the end of a test: nothing of it runs on. */
	dispose(): void {
		this.signalTree("SIGKILL");
		this.#guard.kill("SIGKILL");
	}
}

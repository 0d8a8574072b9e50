import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import type { RegionId } from "#domain/geography/region-id.ts";
import { forgetProcess, rememberProcess } from "#local/engines/leftovers.ts";
import { StartupError } from "#local/startup-error.ts";

export interface EngineProcessOptions {
	readonly region: RegionId;
	readonly binary: string;
	readonly dataDir: string;
	/** Absolute: it is how a leftover process is recognised. */
	readonly dbPath: string;
	readonly port: number;
	readonly log: (line: string) => void;
}

const READY_TIMEOUT_MS = 10_000;
const TERM_GRACE_MS = 3000;
const FIRST_RESTART_MS = 10;
const LONGEST_RESTART_MS = 1000;

/** One engine under supervision: whenever the process dies, another takes its place on the same port and file. */
export class EngineProcess {
	readonly #options: EngineProcessOptions;
	#child: ChildProcess | undefined;
	#lastLine = "";
	#stopping = false;

	constructor(options: EngineProcessOptions) {
		this.#options = options;
	}

	/** Resolves once the engine listens. @throws StartupError `engine-failed` with the last line it wrote */
	async start(): Promise<void> {
		if (await this.#launch()) return;
		const { region } = this.#options;
		await this.stop();
		throw new StartupError("engine-failed", `the engine of ${region} did not come up: ${this.#lastLine || "it wrote nothing"}`);
	}

	get dbPath(): string {
		return this.#options.dbPath;
	}

	/** SIGKILL, for chaos; supervision brings it back. */
	kill(): void {
		this.#child?.kill("SIGKILL");
	}

	/** SIGTERM, and SIGKILL if that does not help; nothing outlives it. Idempotent. */
	async stop(): Promise<void> {
		this.#stopping = true;
		const child = this.#child;
		if (child !== undefined && child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
			const exited = once(child, "exit");
			child.kill("SIGTERM");
			if ((await Promise.race([exited, delay(TERM_GRACE_MS, "late", { ref: false })])) === "late") {
				child.kill("SIGKILL");
				await exited;
			}
		}
		forgetProcess(this.#options.dataDir, this.#options.region);
	}

	/** Whether the engine came up; from then on its death starts another. */
	async #launch(): Promise<boolean> {
		const { binary, port, dbPath, dataDir, region } = this.#options;
		const args = ["serve", "--host", "127.0.0.1", "--port", String(port), "--db-path", dbPath];
		const child = spawn(binary, args, { stdio: ["ignore", "ignore", "pipe"] });
		this.#child = child;
		if (child.pid !== undefined) rememberProcess(dataDir, region, child.pid, dbPath);
		let up = false;
		child.once("exit", (code, signal) => {
			if (up) void this.#revive(signal ?? `code ${code}`);
		});
		const failed = new Promise<false>((resolve) => {
			child.once("close", () => resolve(false));
			child.once("error", (error) => {
				this.#lastLine = error.message;
				resolve(false);
			});
		});
		up = await Promise.race([this.#listening(child), failed, delay(READY_TIMEOUT_MS, false as const, { ref: false })]);
		return up;
	}

	#listening(child: ChildProcess): Promise<true> {
		return new Promise((resolve) => {
			let tail = "";
			child.stderr?.on("data", (chunk: Buffer) => {
				tail = (tail + chunk.toString("utf8")).slice(-2000);
				this.#lastLine = tail.trimEnd().split("\n").at(-1) ?? "";
				if (tail.includes("listening on")) resolve(true);
			});
		});
	}

	async #revive(reason: string): Promise<void> {
		const { region, log } = this.#options;
		if (this.#stopping) return;
		log(`the engine of ${region} died (${reason}); starting it again`);
		for (let waitMs = FIRST_RESTART_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_RESTART_MS)) {
			await delay(waitMs);
			if (this.#stopping || (await this.#launch())) return;
			this.#child?.kill("SIGKILL");
			if (!this.#stopping) log(`the engine of ${region} did not come back: ${this.#lastLine}`);
		}
	}
}

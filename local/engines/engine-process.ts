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
	#restartMs = FIRST_RESTART_MS;

	constructor(options: EngineProcessOptions) {
		this.#options = options;
	}

	/** Resolves once the engine listens. @throws StartupError `engine-failed` with the last line it wrote */
	async start(): Promise<void> {
		const child = this.#spawn();
		const died = once(child, "close").then(() => false);
		const timer = delay(READY_TIMEOUT_MS, false, { ref: false });
		const ready = await Promise.race([this.#listening(child).then(() => true), died.catch(() => false), timer]);
		if (!ready) {
			await this.stop();
			throw new StartupError(
				"engine-failed",
				`the engine of ${this.#options.region} did not come up: ${this.#lastLine || "it wrote nothing"}`,
			);
		}
		child.once("exit", (code, signal) => void this.#revive(`${signal ?? `code ${code}`}`));
		if (child.exitCode !== null || child.signalCode !== null) void this.#revive("an early death");
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

	#spawn(): ChildProcess {
		const { binary, port, dbPath, dataDir, region } = this.#options;
		const args = ["serve", "--host", "127.0.0.1", "--port", String(port), "--db-path", dbPath];
		const child = spawn(binary, args, { stdio: ["ignore", "ignore", "pipe"] });
		child.on("error", (error) => {
			this.#lastLine = error.message;
		});
		if (child.pid !== undefined) rememberProcess(dataDir, region, child.pid, dbPath);
		this.#child = child;
		return child;
	}

	#listening(child: ChildProcess): Promise<void> {
		return new Promise((resolve) => {
			let tail = "";
			child.stderr?.on("data", (chunk: Buffer) => {
				tail = (tail + chunk.toString("utf8")).slice(-2000);
				this.#lastLine = tail.trimEnd().split("\n").at(-1) ?? "";
				if (tail.includes("listening on")) resolve();
			});
		});
	}

	async #revive(reason: string): Promise<void> {
		if (this.#stopping) return;
		this.#options.log(`the engine of ${this.#options.region} died (${reason}); starting it again`);
		for (;;) {
			await delay(this.#restartMs);
			if (this.#stopping) return;
			const child = this.#spawn();
			const up = await Promise.race([
				this.#listening(child).then(() => true),
				once(child, "close").then(
					() => false,
					() => false,
				),
			]);
			if (up) {
				this.#restartMs = FIRST_RESTART_MS;
				child.once("exit", (code, signal) => void this.#revive(`${signal ?? `code ${code}`}`));
				return;
			}
			this.#restartMs = Math.min(this.#restartMs * 2, LONGEST_RESTART_MS);
			this.#options.log(`the engine of ${this.#options.region} did not come back: ${this.#lastLine}`);
		}
	}
}

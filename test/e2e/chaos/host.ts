import { setTimeout as pause } from "node:timers/promises";
import { HttpClient } from "#local/workload/http-client.ts";
import { HeliotropeProcess } from "#test/e2e/main-job/heliotrope-process.ts";

/** The token of the admin API, the same for every host of a run. */
const TOKEN = "chaos";

/** One incarnation of the cloud as clients see it. */
export interface Incarnation {
	readonly http: HttpClient;
	/** Counts from 1. */
	readonly number: number;
}

/** The local cloud as a process of its own that can be killed and started again on the same data. */
export class Host {
	readonly regions: readonly string[];
	readonly #folder: string;
	readonly #seed: number;
	#process: HeliotropeProcess | undefined;
	#incarnation: Promise<Incarnation> | undefined;
	#count = 0;

	constructor(folder: string, regions: readonly string[], seed: number) {
		this.regions = regions;
		this.#folder = folder;
		this.#seed = seed;
	}

	/** The cloud that runs now, or the next one once it is up. */
	async current(): Promise<Incarnation> {
		if (this.#incarnation === undefined) throw new Error("the host has not been started");
		return this.#incarnation;
	}

	start(speed: number): Promise<Incarnation> {
		this.#incarnation = this.#start(speed);
		return this.#incarnation;
	}

	/** SIGKILL, of the process alone, so that its engines outlive it, or of its whole tree; and a new start. */
	async killAndRestart(speed: number, wholeTree: boolean): Promise<void> {
		const killed = this.#process;
		if (killed === undefined) throw new Error("the host has not been started");
		const next = killed.exited.then(() => this.#start(speed));
		this.#incarnation = next;
		if (wholeTree) killed.signalTree("SIGKILL");
		else killed.signal("SIGKILL");
		await next;
	}

	/** A clean stop. @throws Error when it does not end with code 0 or leaves processes behind */
	async stop(): Promise<void> {
		const process = this.#process;
		if (process === undefined) return;
		process.signal("SIGTERM");
		const { code, signal } = await process.exited;
		const left = await process.left();
		if (left.length > 0) throw new Error(`the host left processes behind: ${left.join("; ")}`);
		if (code !== 0 && code !== 143 && signal !== "SIGTERM") throw new Error(`the host ended with ${code ?? signal}:\n${process.stderr}`);
	}

	dispose(): void {
		this.#process?.dispose();
	}

	/** Sends a request to the admin API. Undefined where the host is gone or the answer is not JSON of the expected status. */
	async admin(method: string, path: string, body?: unknown): Promise<{ readonly status: number; readonly json: unknown } | undefined> {
		const { http } = await this.current();
		const headers = { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" };
		try {
			const answer = await http.send({
				method,
				path: `/admin/v1/${path}`,
				headers,
				...(body === undefined ? {} : { body: Buffer.from(JSON.stringify(body)) }),
			});
			return { status: answer.status, json: JSON.parse(answer.body.toString("utf8")) };
		} catch {
			await pause(50);
			return undefined;
		}
	}

	async #start(speed: number): Promise<Incarnation> {
		const flags = ["--idle", "--headless", "--port", "0", "--regions", this.regions.join(), "--data", this.#folder];
		const command = [process.execPath, "cli/heliotrope.mjs", "start", ...flags, "--speed", String(speed), "--seed", String(this.#seed)];
		const started = new HeliotropeProcess(command as [string, ...string[]], this.#folder, { HELIOTROPE_ADMIN_TOKEN: TOKEN });
		this.#process?.dispose();
		this.#process = started;
		const url = await started.up();
		this.#count += 1;
		return { http: new HttpClient(url), number: this.#count };
	}
}

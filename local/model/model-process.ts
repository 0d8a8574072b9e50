import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { StartupError } from "#local/startup-error.ts";

export interface ModelProcess {
	/** `http://127.0.0.1:<port>` of the container's HTTP contract. */
	readonly url: string;
	stop(): Promise<void>;
}

/** The entry point of the model's image. */
export const CONTAINER_ENTRY = fileURLToPath(new URL("../../predictor/container/main.ts", import.meta.url));
/** Where compiled code is kept, for a process that gets an environment of its own; the command line says where. */
export const codeCache = (): Record<string, string> => {
	const { NODE_COMPILE_CACHE } = process.env;
	return NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE };
};

/** Preloaded into processes that must not outlive this one. */
export const EXIT_WITH_PARENT = new URL("./exit-with-parent.ts", import.meta.url).href;
/** Long enough for a machine that is busy with everything else; an entry point that fails exits at once. */
const READY_LIMIT_MS = 30_000;
const STOP_LIMIT_MS = 5000;

/**
 * Runs the model container's entry point as a process of its own, as SageMaker would: argument `serve`, a port, a model directory.
 *
 * @param modelDir read as `/opt/ml/model`
 * @throws StartupError when it does not answer /ping in time
 */
export async function startModelProcess(modelDir: string, log: (line: string) => void): Promise<ModelProcess> {
	const port = await freePort();
	const child = spawn(process.execPath, ["--import", EXIT_WITH_PARENT, CONTAINER_ENTRY, "serve"], {
		env: {
			PATH: process.env["PATH"] ?? "",
			SAGEMAKER_BIND_TO_PORT: String(port),
			HELIOTROPE_MODEL_HOST: "127.0.0.1",
			SM_MODEL_DIR: modelDir,
			...codeCache(),
		},
		stdio: ["pipe", "pipe", "pipe"],
	});
	let lastLine = "";
	for (const stream of [child.stdout, child.stderr]) {
		stream.setEncoding("utf8").on("data", (text: string) => {
			lastLine = text.trim().split("\n").at(-1) ?? lastLine;
			log(`model ${text.trim()}`);
		});
	}
	const url = `http://127.0.0.1:${port}`;
	try {
		await untilReady(child, url);
	} catch (cause) {
		child.kill("SIGKILL");
		throw new StartupError(
			"model-failed",
			`the model process did not come up: ${lastLine === "" ? "no answer on /ping" : lastLine}`,
			cause,
		);
	}
	return { url, stop: () => stopChild(child) };
}

async function untilReady(child: ChildProcess, url: string): Promise<void> {
	const limit = performance.now() + READY_LIMIT_MS;
	while (performance.now() < limit) {
		if (child.exitCode !== null) throw new Error(`exited with ${child.exitCode}`);
		const answer = await fetch(`${url}/ping`).catch(() => undefined);
		if (answer?.status === 200) return;
		await new Promise((resolve) => setTimeout(resolve, 20));
	}
	throw new Error("timed out");
}

async function stopChild(child: ChildProcess): Promise<void> {
	if (child.exitCode !== null || child.signalCode !== null) return;
	const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
	child.kill("SIGTERM");
	const force = setTimeout(() => child.kill("SIGKILL"), STOP_LIMIT_MS);
	await ended;
	clearTimeout(force);
}

/** A port that was free a moment ago. */
function freePort(): Promise<number> {
	return new Promise((resolve, reject) => {
		const server = createServer();
		server.once("error", reject);
		server.listen(0, "127.0.0.1", () => {
			const address = server.address();
			server.close(() => (typeof address === "object" && address !== null ? resolve(address.port) : reject(new Error("no port"))));
		});
	});
}

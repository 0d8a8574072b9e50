import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { codeCache } from "#local/model/model-process.ts";

/** The container's entry point as a process, with a model directory. */
export function startContainer(modelDir: string, environment: Readonly<Record<string, string>> = {}): ChildProcess {
	const env = {
		PATH: process.env["PATH"] ?? "",
		SAGEMAKER_BIND_TO_PORT: "0",
		HELIOTROPE_MODEL_HOST: "127.0.0.1",
		SM_MODEL_DIR: modelDir,
		...codeCache(),
		...environment,
	};
	return spawn(process.execPath, ["predictor/container/main.ts", "serve"], { env, stdio: ["ignore", "pipe", "pipe"] });
}

/** A model directory with an artefact, or an empty one. */
export const modelDirWith = (artefact: string | undefined): string => {
	const dir = mkdtempSync(join(tmpdir(), "heliotrope-model-"));
	if (artefact !== undefined) writeFileSync(join(dir, "model.json"), artefact);
	return dir;
};

/** Once the model is loaded. */
export async function urlOf(child: ChildProcess): Promise<string> {
	if (child.stdout === null) throw new Error("no output");
	for await (const line of createInterface(child.stdout)) {
		const port = /port (\d+)$/.exec(line)?.[1];
		if (port !== undefined) return `http://127.0.0.1:${port}`;
	}
	throw new Error("it ended without a port");
}

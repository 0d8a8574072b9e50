import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { Worker } from "node:worker_threads";
import { runInThread } from "#cli/thread/run-in-thread.ts";
import type { TrainJob, TrainResult } from "#cli/train/train-job.ts";
import type { EvaluateOptions, TrainOptions } from "#cli/train/train-options.ts";
import { writeWhole } from "#cli/write-whole.ts";

/** Where results and everything else are written. */
export interface TrainOutput {
	readonly out: Pick<NodeJS.WriteStream, "write">;
	readonly tell: Pick<NodeJS.WriteStream, "write"> & { readonly columns?: number; readonly isTTY?: boolean };
}
const TO_TERMINAL: TrainOutput = { out: process.stdout, tell: process.stderr };

/** Trains a model on a log and writes it with its scores on the newest days; the exit code. */
export const train = (options: TrainOptions, output: TrainOutput = TO_TERMINAL): Promise<number> =>
	work({ command: "train", options, nowMs: Date.now() }, output);

/** Scores a model on a log beside the one that came with the release and the best reactive rule; the exit code. */
export const evaluate = (options: EvaluateOptions, output: TrainOutput = TO_TERMINAL): Promise<number> =>
	work({ command: "evaluate", options, nowMs: Date.now() }, output);

async function work(job: TrainJob, { out, tell }: TrainOutput): Promise<number> {
	const start = (): Worker => new Worker(new URL("./train-thread.ts", import.meta.url), { workerData: job });
	const outcome = await runInThread<TrainResult>(job.command, start, tell);
	if ("exitCode" in outcome) return outcome.exitCode;
	for (const [file, value] of outcome.result.files) {
		mkdirSync(dirname(file), { recursive: true });
		writeWhole(file, `${JSON.stringify(value, null, "\t")}\n`);
	}
	for (const line of outcome.result.lines) out.write(`${line}\n`);
	return 0;
}

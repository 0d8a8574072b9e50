import type { EventEmitter } from "node:events";
import { renameSync, writeFileSync } from "node:fs";
import { Worker } from "node:worker_threads";
import { Interruption } from "#cli/interruption.ts";
import { ProgressLine } from "#cli/replay/progress-line.ts";
import { renderReplayResult } from "#cli/replay/render-result.ts";
import type { ReplayJob, ReplayMessage } from "#cli/replay/replay-job.ts";
import type { ReplayOptions } from "#cli/replay/replay-options.ts";
import { renderReport } from "#replay/report/render-report.ts";
import type { ReplayResult } from "#replay/result/replay-result.ts";

/** Where the command writes: the result to `out`, everything else to `tell`. */
export interface ReplayOutput {
	readonly out: Pick<NodeJS.WriteStream, "write"> & { readonly columns?: number; readonly isTTY?: boolean };
	readonly tell: Pick<NodeJS.WriteStream, "write"> & { readonly columns?: number; readonly isTTY?: boolean };
}

/** A worker, as far as it is used here. */
export type ReplayThread = EventEmitter & { terminate(): Promise<unknown> };

/** Starts the thread that does the work. */
export type StartThread = (job: ReplayJob) => ReplayThread;

const startThread: StartThread = (job) => new Worker(new URL("./replay-thread.ts", import.meta.url), { workerData: job });

/** Lines are no longer than this where nobody says how wide the terminal is, and never longer than the second. */
const DEFAULT_WIDTH = 100;
const MAX_WIDTH = 160;
const LEAST_WIDTH = 40;

/** Replays a log and shows what each policy would have given; the exit code: 2 where the log cannot be used, 128 + signal when stopped. */
export async function replay(
	{ log, settings, policies, json, html }: ReplayOptions,
	{ out, tell }: ReplayOutput = { out: process.stdout, tell: process.stderr },
	start: StartThread = startThread,
): Promise<number> {
	const progress = new ProgressLine(tell);
	const interruption = new Interruption(progress.say.bind(progress), (code) => process.exit(code));
	const thread = start({ log, settings, policies, nowMs: Date.now() });
	const outcome = await Promise.race([outcomeOf(thread, progress), interruption.requested]);
	progress.clear();
	await thread.terminate();
	if (outcome === undefined) {
		tell.write("stopped; nothing was written\n");
		await interruption.outlastEchoes();
		return interruption.exitCode;
	}
	if (outcome.kind === "failure") {
		tell.write(`heliotrope: ${outcome.explained ? "" : "something unexpected happened: "}${outcome.message}\n`);
		return outcome.explained ? 2 : 1;
	}
	if (json !== undefined) writeWhole(json, `${JSON.stringify(outcome.result, null, "\t")}\n`);
	if (html !== undefined) writeWhole(html, renderReport(outcome.result));
	show(outcome.result, out);
	return 0;
}

type Outcome = Extract<ReplayMessage, { kind: "result" | "failure" }>;

/** What the thread ends with; whatever else it says is shown. */
function outcomeOf(thread: ReplayThread, progress: ProgressLine): Promise<Outcome> {
	const failure = (message: string): Outcome => ({ kind: "failure", explained: false, message });
	return new Promise((resolve) => {
		thread.on("message", (message: ReplayMessage) => {
			if (message.kind === "progress") progress.show(message.phase, message.share);
			else if (message.kind === "warning") progress.say(`warning: ${message.text}`);
			else resolve(message);
		});
		thread.on("error", (error: unknown) => resolve(failure(error instanceof Error ? error.message : String(error))));
		thread.on("exit", (code: number) => resolve(failure(`the replay ended with code ${code} and said nothing`)));
	});
}

/** The old file stays until the new one is whole. */
function writeWhole(file: string, text: string): void {
	writeFileSync(`${file}.partial`, text);
	renameSync(`${file}.partial`, file);
}

function show(result: ReplayResult, out: ReplayOutput["out"]): void {
	const width = Math.max(LEAST_WIDTH, Math.min(out.columns ?? DEFAULT_WIDTH, MAX_WIDTH));
	for (const line of renderReplayResult(result, width)) out.write(`${line}\n`);
}

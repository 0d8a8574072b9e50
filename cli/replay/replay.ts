import { Worker } from "node:worker_threads";
import { renderReplayResult } from "#cli/replay/render-result.ts";
import type { ReplayJob } from "#cli/replay/replay-job.ts";
import type { ReplayOptions } from "#cli/replay/replay-options.ts";
import type { JobThread } from "#cli/thread/hear-thread.ts";
import { runInThread } from "#cli/thread/run-in-thread.ts";
import { writeWhole } from "#cli/write-whole.ts";
import { renderReport } from "#replay/report/render-report.ts";
import type { ReplayResult } from "#replay/result/replay-result.ts";

/** Where the command writes: the result to `out`, everything else to `tell`. */
export interface ReplayOutput {
	readonly out: Pick<NodeJS.WriteStream, "write"> & { readonly columns?: number; readonly isTTY?: boolean };
	readonly tell: Pick<NodeJS.WriteStream, "write"> & { readonly columns?: number; readonly isTTY?: boolean };
}

/** Starts the thread that does the work. */
type StartThread = (job: ReplayJob) => JobThread;

const startThread: StartThread = (job) => new Worker(new URL("./replay-thread.ts", import.meta.url), { workerData: job });

/** Lines are no longer than this where nobody says how wide the terminal is, and never longer than the second. */
const DEFAULT_WIDTH = 100;
const MAX_WIDTH = 160;
const LEAST_WIDTH = 40;

/** Replays a log and shows what each policy would have given; the exit code: 2 where the log cannot be used, 128 + signal when stopped. */
export async function replay(
	{ log, settings, policies, outside, model, json, html }: ReplayOptions,
	{ out, tell }: ReplayOutput = { out: process.stdout, tell: process.stderr },
	start: StartThread = startThread,
): Promise<number> {
	const outcome = await runInThread<ReplayResult>(
		"replay",
		() => start({ log, settings, policies, outside, model, nowMs: Date.now() }),
		tell,
	);
	if ("exitCode" in outcome) return outcome.exitCode;
	if (json !== undefined) writeWhole(json, `${JSON.stringify(outcome.result, null, "\t")}\n`);
	if (html !== undefined) writeWhole(html, renderReport(outcome.result));
	show(outcome.result, out);
	return 0;
}

function show(result: ReplayResult, out: ReplayOutput["out"]): void {
	const width = Math.max(LEAST_WIDTH, Math.min(out.columns ?? DEFAULT_WIDTH, MAX_WIDTH));
	for (const line of renderReplayResult(result, width)) out.write(`${line}\n`);
}

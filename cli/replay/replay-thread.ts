import { isMainThread, parentPort, workerData } from "node:worker_threads";
import { loadReplayLog } from "#cli/replay/load-replay-log.ts";
import type { ReplayJob, ReplayMessage } from "#cli/replay/replay-job.ts";
import { OperatingError } from "#domain/shared/errors.ts";
import { runReplay } from "#replay/engine/run-replay.ts";

const say = (message: ReplayMessage): void => parentPort?.postMessage(message);

/** The work of `replay`, away from the thread that listens to Ctrl-C: reading and replaying take their time without a pause. */
async function work({ log, settings, policies, nowMs }: ReplayJob): Promise<void> {
	const onProgress = (phase: string, share?: number): void => say({ kind: "progress", phase, share });
	const { name, trace, rttMs } = await loadReplayLog(log, nowMs, { onProgress, onWarning: (text) => say({ kind: "warning", text }) });
	const result = runReplay(trace, settings, rttMs, { name, policies, onProgress });
	const shown = Object.fromEntries(Object.entries(result.policies).filter(([policy]) => (policies as readonly string[]).includes(policy)));
	say({ kind: "result", result: { ...result, policies: shown } });
}

if (!isMainThread) {
	work(workerData as ReplayJob).catch((error: unknown) => {
		const explained = error instanceof OperatingError;
		const message = error instanceof Error ? (explained ? error.message : (error.stack ?? error.message)) : String(error);
		say({ kind: "failure", explained, message });
	});
}

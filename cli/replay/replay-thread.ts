import { describeOverlap } from "#cli/replay/describe-overlap.ts";
import { loadReplayLog } from "#cli/replay/load-replay-log.ts";
import type { ReplayJob } from "#cli/replay/replay-job.ts";
import { serveJob } from "#cli/thread/serve-job.ts";
import { runReplay } from "#replay/engine/run-replay.ts";
import type { ReplayResult } from "#replay/result/replay-result.ts";

serveJob<ReplayJob, ReplayResult>(async ({ log, settings, policies, outside, model, nowMs }, listener) => {
	const { onProgress } = listener;
	const { name, trace, rttMs } = await loadReplayLog(log, nowMs, listener);
	const result = runReplay(trace, settings, rttMs, { name, policies, outside, model, onProgress });
	const overlap = describeOverlap(result);
	if (overlap !== undefined) listener.onWarning(overlap);
	const shown = Object.fromEntries(Object.entries(result.policies).filter(([policy]) => (policies as readonly string[]).includes(policy)));
	return { ...result, policies: shown };
});

import type { SweepReport } from "#domain/partition/sweep-parked.ts";
import { type SweepReturnedDeps, sweepReturned } from "#domain/partition/sweep-returned.ts";

/** Below the function's timeout of 300 s, together with everything else that a run of recovery does. */
const BUDGET_MS = 60_000;

/** Carries what copies in regions that have returned have missed; one line where anything was parked. */
export async function sweepAndLog(deps: SweepReturnedDeps, log: (line: Readonly<Record<string, unknown>>) => void): Promise<SweepReport> {
	const report = await sweepReturned(deps, deps.clock.nowMs() + BUDGET_MS);
	if (report.buckets > 0) log({ level: "info", event: "sweep-parked.done", ...report });
	return report;
}

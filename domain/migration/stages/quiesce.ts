import { whileUndecided } from "#domain/migration/read-decision.ts";
import { type StageContext, type StageResult, secondsUntil } from "#domain/migration/stage-context.ts";

/**
 * Confirms that the quiesce has passed since the guarded fences were recorded: no writer that believes in `steady` is alive. The
 * waiting itself is the state machine's.
 */
export const quiesce = (ctx: StageContext): Promise<StageResult> =>
	whileUndecided(ctx, async () => {
		const { guardedAtMs, quiescedAtMs, plan } = ctx.migration;
		if (guardedAtMs === undefined) throw new Error("quiesce before the fences were recorded as guarded");
		const endsAtMs = guardedAtMs + plan.quiesceSeconds * 1000;
		const nowMs = ctx.clock.nowMs();
		if (quiescedAtMs === undefined && nowMs < endsAtMs) {
			return { output: { outcome: "again", waitSeconds: secondsUntil(ctx.clock, endsAtMs) } };
		}
		return { output: { outcome: "done" }, change: (record) => ({ ...record, quiescedAtMs: record.quiescedAtMs ?? nowMs }) };
	});

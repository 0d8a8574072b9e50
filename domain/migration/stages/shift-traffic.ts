import { changePartition, type PartitionChange, readClaimed } from "#domain/migration/change-partition.ts";
import { MigrationAbortedError } from "#domain/migration/errors.ts";
import { judgeStep } from "#domain/migration/judge-step.ts";
import { whileUndecided } from "#domain/migration/read-decision.ts";
import type { Judgement, MigrationRecord } from "#domain/migration/record.ts";
import { LOOK_SECONDS } from "#domain/migration/settings.ts";
import { DONE, type StageContext, type StageResult, secondsUntil } from "#domain/migration/stage-context.ts";
import { stopIfFrozen } from "#domain/migration/stop-if-frozen.ts";
import { type PartitionRecord, Phase } from "#domain/partition/record.ts";

/** One canary step a run: judges the step in force once it has held, then sets the next weight, or is done. */
export const shiftTraffic = (ctx: StageContext): Promise<StageResult> =>
	whileUndecided(ctx, async () => {
		const { plan, canary } = ctx.migration;
		if (plan.transfer === undefined || plan.traffic.steps.length === 0) return DONE;
		const held = plan.traffic.steps[canary?.step ?? -1];
		if (canary === undefined || held === undefined) return setStep(ctx, 0);
		const endsAtMs = canary.sinceMs + held.holdSeconds * 1000;
		if (ctx.clock.nowMs() < endsAtMs) {
			await stopIfFrozen(ctx, await readClaimed(ctx));
			return { output: { outcome: "again", waitSeconds: holdFor(ctx, endsAtMs) } };
		}
		const judged = await judgeStep(ctx, { ...held, ...canary, index: canary.step });
		if (judged.kind === "hold") {
			await stopIfFrozen(ctx, await readClaimed(ctx));
			return { output: { outcome: "again", waitSeconds: holdFor(ctx, judged.untilMs) } };
		}
		return withJudgement(await setStep(ctx, canary.step + 1), judged.judgement);
	});

/** What the step was judged on goes into the record together with what comes next. */
const withJudgement = ({ output, change }: StageResult, judgement: Judgement): StageResult => ({
	output,
	change: (record) => {
		const next = change?.(record) ?? record;
		const known = next.judgements ?? [];
		return known.some(({ step }) => step === judgement.step) ? next : { ...next, judgements: [...known, judgement] };
	},
});

async function setStep(ctx: StageContext, index: number): Promise<StageResult> {
	const { transfer, traffic } = ctx.migration.plan;
	const step = traffic.steps[index];
	// After the last step Cutover comes next, which looks for a freeze itself.
	if (step === undefined || transfer === undefined) return DONE;
	const claimed = await readClaimed(ctx);
	await stopIfFrozen(ctx, claimed);
	const shift = (record: PartitionRecord): Partial<PartitionChange> | undefined => {
		if (record.phase !== Phase.Migrating) throw new MigrationAbortedError(`the partition is ${record.phase}`);
		return record.canary?.weight === step.weight ? undefined : { canary: { target: transfer, weight: step.weight } };
	};
	await changePartition(ctx, shift, claimed);
	const canary = { step: index, sinceMs: ctx.clock.nowMs() };
	const change = (record: MigrationRecord): MigrationRecord => ((record.canary?.step ?? -1) >= index ? record : { ...record, canary });
	return { output: { outcome: "again", waitSeconds: holdFor(ctx, canary.sinceMs + step.holdSeconds * 1000) }, change };
}

/** Looks at all steps together, twice as many where they hold longer: an execution has 25,000 events, and a look takes about a dozen. */
export const MAX_LOOKS = 200;

/** Seconds until the next look: a long step is looked at in between, for a freeze or an operator's word. */
function holdFor({ clock, migration }: StageContext, endsAtMs: number): number {
	const canarySeconds = migration.plan.traffic.steps.reduce((sum, { holdSeconds }) => sum + holdSeconds, 0);
	return Math.min(Math.max(LOOK_SECONDS, Math.ceil(canarySeconds / MAX_LOOKS)), secondsUntil(clock, endsAtMs));
}

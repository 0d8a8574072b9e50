import { MigrationAbortedError } from "#domain/migration/errors.ts";
import { type CanaryObservation, judgeCanary, MIN_REQUESTS } from "#domain/migration/judge-canary.ts";
import { observeTarget } from "#domain/migration/observe-target.ts";
import type { Judgement } from "#domain/migration/record.ts";
import type { CanaryStep } from "#domain/migration/request.ts";
import { EVIDENCE_DELAY_MS } from "#domain/migration/settings.ts";
import type { StageContext } from "#domain/migration/stage-context.ts";
import { quantileMs } from "#domain/partition-state/latency-histogram.ts";

/** A step that has held its time, and when that was. */
export interface HeldStep extends CanaryStep {
	readonly index: number;
	readonly sinceMs: number;
}

export type StepJudgement =
	| { readonly kind: "passed"; readonly judgement: Judgement }
	/** Evidence is on its way, or more requests may come. */
	| { readonly kind: "hold"; readonly untilMs: number };

/**
 * Judges a canary step that has held its time. What speaks against it counts at once. What speaks for it has to cover the step: so
 * long as requests are expected, the step holds until its last ones can be read, and longer, twice its time in all, where they are too
 * few to judge. Then it passes, and the record says on how little.
 *
 * @throws MigrationAbortedError `migration.canary-breach`
 */
export async function judgeStep(ctx: StageContext, step: HeldStep): Promise<StepJudgement> {
	const { plan } = ctx.migration;
	const target = plan.transfer ?? plan.replicas.leaderAfter;
	const seen = await observeTarget(ctx, target, step.sinceMs);
	if (seen === undefined) return { kind: "passed", judgement: { step: step.index, verdict: "no-telemetry", requests: 0, errors: 0 } };
	const verdict = judgeCanary(seen, plan.traffic.abort);
	if (verdict.kind === "breach") throw new MigrationAbortedError(verdict.reason, "migration.canary-breach");
	const untilMs = holdUntilMs(step, seen, plan.traffic.requestsPerSecond ?? 0);
	if (ctx.clock.nowMs() < untilMs) return { kind: "hold", untilMs };
	const { requests, errors, latency } = seen.target;
	const p99Ms = quantileMs(latency, 0.99);
	const judgement = { step: step.index, verdict: verdict.kind, requests, errors, ...(p99Ms === undefined ? {} : { p99Ms }) };
	return { kind: "passed", judgement };
}

/** How long a step holds at least, given what has been seen of it by now and was usual before. */
function holdUntilMs({ sinceMs, holdSeconds, weight }: HeldStep, { target, leader }: CanaryObservation, usualPerSecond: number): number {
	const holdMs = holdSeconds * 1000;
	const endsAtMs = sinceMs + holdMs;
	const perSecond = Math.max(usualPerSecond, (target.requests + leader.requests) / Math.max(1, holdSeconds));
	const comingInStep = perSecond * weight * holdSeconds;
	if (comingInStep < 1) return endsAtMs;
	const coveredAtMs = endsAtMs + Math.min(holdMs, EVIDENCE_DELAY_MS);
	const enough = target.requests >= MIN_REQUESTS || target.requests + comingInStep < MIN_REQUESTS;
	return enough ? coveredAtMs : endsAtMs + holdMs;
}

/** Why a soak has to end in going back, in words; undefined where nothing speaks against the new leader. */
export async function soakBreach(ctx: StageContext, sinceMs: number): Promise<string | undefined> {
	const { leaderAfter } = ctx.migration.plan.replicas;
	const seen = await observeTarget(ctx, leaderAfter, sinceMs);
	if (seen === undefined) return undefined;
	// Answers of a leader differ from nobody's.
	const verdict = judgeCanary({ ...seen, divergences: 0 }, ctx.migration.plan.traffic.abort);
	return verdict.kind === "breach" ? `soaking in ${leaderAfter}: ${verdict.reason}` : undefined;
}

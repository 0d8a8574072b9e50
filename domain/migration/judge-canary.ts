import { exceeds } from "#domain/migration/exceeds.ts";
import type { AbortThresholds } from "#domain/migration/plan-schema.ts";
import { quantileMs, samplesAbove, samplesIn } from "#domain/partition-state/latency-histogram.ts";
import type { Served } from "#domain/partition-state/window.ts";

/** What was seen of a partition since a canary step, or a soak, began. */
export interface CanaryObservation {
	/** What the region under judgement answered. */
	readonly target: Served;
	/** What the leader answered other clients meanwhile; nothing once the target leads. */
	readonly leader: Served;
	/** Reads whose own copy was ahead of the leader's answer. */
	readonly divergences: number;
	/** Age of the oldest write that the target lacks; 0 where it lacks none. */
	readonly stalenessMs: number;
}

export type CanaryVerdict =
	| { readonly kind: "healthy" }
	/** Too few requests to say more than that nothing speaks against going on. */
	| { readonly kind: "too-little-evidence" }
	/** In words, with the numbers. */
	| { readonly kind: "breach"; readonly reason: string };

/** Fewer requests than this say nothing about shares and percentiles; a divergence counts however few there are. */
export const MIN_REQUESTS = 20;
/** What "slow" means: beyond what 99 % of the leader's answers keep to. */
const SLOW_SHARE = 0.01;

/**
 * Judges what was seen by the plan's thresholds. Shares are tested one-sided, against the limit or the leader's own share where that is
 * higher: what ails both is not the target's doing, and chance cancels nothing.
 */
export function judgeCanary({ target, leader, divergences, stalenessMs }: CanaryObservation, limits: AbortThresholds): CanaryVerdict {
	if (divergences > limits.maxDivergences) return breach(`${divergences} answers of the leader were older than the copy`);
	if (stalenessMs > limits.maxStalenessMs) return breach(`the copy is ${stalenessMs} ms behind, allowed are ${limits.maxStalenessMs}`);
	if (target.requests < MIN_REQUESTS) return { kind: "too-little-evidence" };
	const allowed = Math.max(limits.maxErrorShare, leader.requests < MIN_REQUESTS ? 0 : leader.errors / leader.requests);
	if (exceeds(target.errors, target.requests, allowed))
		return breach(`${target.errors} of ${target.requests} requests failed, allowed are ${percent(allowed)}`);
	const limitMs = slowLimitMs(leader, limits);
	if (limitMs === undefined) return { kind: "healthy" };
	const slow = samplesAbove(target.latency, limitMs);
	if (exceeds(slow, samplesIn(target.latency), SLOW_SHARE))
		return breach(`${slow} of ${target.requests} answers took longer than ${Math.round(limitMs)} ms, allowed are ${percent(SLOW_SHARE)}`);
	return { kind: "healthy" };
}

/** Past it an answer is slow: the leader's p99, now or before the migration, times the ratio, and what the detour through the target costs. */
function slowLimitMs(leader: Served, limits: AbortThresholds): number | undefined {
	const now = leader.requests < MIN_REQUESTS ? undefined : quantileMs(leader.latency, 0.99);
	const known = [now, limits.baselineP99Ms].filter((ms) => ms !== undefined);
	return known.length === 0 ? undefined : limits.maxLatencyRatio * Math.max(...known) + (limits.latencyAllowanceMs ?? 0);
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
const breach = (reason: string): CanaryVerdict => ({ kind: "breach", reason });

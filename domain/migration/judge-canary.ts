import type { AbortThresholds } from "#domain/migration/plan-schema.ts";

/** What was seen at the target since a canary step began. */
export interface CanaryObservation {
	readonly requests: number;
	readonly errors: number;
	/** Linearizable reads whose own copy differed from the leader's answer. */
	readonly divergences: number;
	readonly targetP99Ms: number;
	readonly leaderP99Ms: number;
	readonly stalenessMs: number;
}

export type CanaryVerdict =
	/** `evidence`: whether requests were seen, or none came and nothing speaks against going on. */
	{ readonly kind: "healthy"; readonly evidence: "requests" | "none" } | { readonly kind: "breach"; readonly reason: string };

/** Fewer requests than this say nothing about shares and percentiles; a divergence counts however few there are. */
const MIN_REQUESTS = 20;

/** Judges one canary step by the plan's thresholds; each bound itself is still healthy. */
export function judgeCanary(seen: CanaryObservation | undefined, limits: AbortThresholds): CanaryVerdict {
	if (seen === undefined || seen.requests === 0) return { kind: "healthy", evidence: "none" };
	if (seen.divergences > limits.maxDivergences) return breach(`${seen.divergences} answers differed from the leader's`);
	if (seen.stalenessMs > limits.maxStalenessMs) return breach(`the copy was ${seen.stalenessMs} ms behind`);
	if (seen.requests < MIN_REQUESTS) return { kind: "healthy", evidence: "requests" };
	const errorShare = seen.errors / seen.requests;
	if (errorShare > limits.maxErrorShare) return breach(`${(errorShare * 100).toFixed(1)} % of requests failed`);
	if (seen.leaderP99Ms > 0 && seen.targetP99Ms > limits.maxLatencyRatio * seen.leaderP99Ms) {
		return breach(`p99 was ${seen.targetP99Ms} ms against ${seen.leaderP99Ms} ms at the leader`);
	}
	return { kind: "healthy", evidence: "requests" };
}

const breach = (reason: string): CanaryVerdict => ({ kind: "breach", reason });

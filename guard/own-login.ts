import type { Stale } from "#guard/partition-guard.ts";
import { type ProblemCode, ProblemError } from "#lambdas/serve-data/problem.ts";

/** For whoever writes an application that lets its callers in by itself. */
export const WHAT_TO_DO =
	'An application with a login of its own should give partitionGuard `application`: see "Applications with a login of their own" in docs/internals/guard.md.';

/** What a data plane answers where a request bears nothing that it knows. */
const BEARS_NOTHING: ReadonlySet<ProblemCode> = new Set(["auth.missing", "auth.not-configured"]);

/**
 * What it means that the leader's data plane has refused an operation of a handler whom the guard has let run. Where requests are sent on or
 * refused by themselves, the partition has moved beneath the request, and its repetition comes to the right place.
 */
export function refusalThere(refused: ProblemError, stale: Stale): ProblemError {
	if (!BEARS_NOTHING.has(refused.problem)) return refused;
	if (stale !== "serve") return new ProblemError("partition.unsettled", "The partition was moved while the request was served.");
	return new ProblemError(refused.problem, `${refused.message} ${WHAT_TO_DO}`, { headers: refused.headers });
}

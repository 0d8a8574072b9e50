import type { Clock } from "#domain/ports/clock.ts";
import type { IncomingRequest } from "#lambdas/serve-data/data-request.ts";
import { ProblemError } from "#lambdas/serve-data/problem.ts";
import { wholeNumber } from "#lambdas/serve-data/validate.ts";

/** What a request may ask for, in ms. */
const MAX_TIMEOUT_MS = 60_000;
/** What is kept of the invocation's time for the answer. */
const RESERVE_MS = 1_000;

/** What Lambda tells of an invocation, as far as it matters here. */
export interface Invocation {
	readonly getRemainingTimeInMillis: () => number;
}

/**
 * When the time of a request is over: `x-heliotrope-timeout-ms` after it came, or a second before the invocation is stopped; undefined
 * where neither is known. Nothing is begun from then on. What has been begun is awaited, so no write goes on after the answer.
 *
 * @param cameMs when the request came
 * @throws ProblemError `deadline.invalid`
 */
export function deadlineOf(
	headers: IncomingRequest["headers"],
	clock: Clock,
	invocation: Invocation | undefined,
	cameMs = clock.nowMs(),
): number | undefined {
	const text = headers["x-heliotrope-timeout-ms"]?.trim();
	const asked = text === undefined ? MAX_TIMEOUT_MS : wholeNumber(text, 1, MAX_TIMEOUT_MS);
	if (asked === undefined) throw new ProblemError("deadline.invalid");
	if (text === undefined && invocation === undefined) return undefined;
	const left = invocation === undefined ? MAX_TIMEOUT_MS : invocation.getRemainingTimeInMillis() - RESERVE_MS;
	return Math.min(cameMs + asked, clock.nowMs() + left);
}

/**
 * What is left, in ms; infinite where there is no deadline. A whole number of at least 1, as `x-heliotrope-timeout-ms` takes it: clocks tell
 * fractions, and time goes on since it was looked at.
 */
export const timeLeftMs = ({
	clock,
	notAfterMs = Number.POSITIVE_INFINITY,
}: {
	readonly clock: Clock;
	readonly notAfterMs?: number;
}): number => Math.max(1, Math.ceil(notAfterMs - clock.nowMs()));

/** Called before anything is begun. @throws ProblemError `deadline.exceeded` */
export function checkTime({ clock, notAfterMs }: { readonly clock: Clock; readonly notAfterMs?: number }): void {
	if (notAfterMs !== undefined && clock.nowMs() >= notAfterMs) throw new ProblemError("deadline.exceeded");
}

import { classifyFailure, Failure, unavailable } from "#adapters/dynamodb/translate-error.ts";
import type { ItemWrite } from "#domain/partition/item.ts";
import type { Clock } from "#domain/ports/clock.ts";
import type { Random } from "#domain/ports/random.ts";
import { DeadlineError } from "#domain/shared/errors.ts";

/** Waiting between attempts, on the injected clock. */
export interface RetryPolicy {
	readonly clock: Clock;
	/** Spreads the waits; without it they are the middle of their range. */
	readonly random?: Pick<Random, "next"> | undefined;
	/** Attempts of a call that may be repeated, the first included; 1 where the client repeats it. @default MAX_ATTEMPTS */
	readonly attempts?: number | undefined;
}

/** Attempts of one call, the first included. Four with 25, 50 and 100 ms between them outlast a short throttle, not a lost region. */
export const MAX_ATTEMPTS = 4;
const BASE_MS = 25;

/** Waits before attempt `attempt + 1` (0-based): exponential, jittered over half to one and a half of its middle. */
export const backOff = (policy: RetryPolicy, attempt: number): Promise<void> =>
	policy.clock.sleep(BASE_MS * 2 ** attempt * (0.5 + (policy.random?.next() ?? 0.5)));

/**
 * Asked before each attempt of a write: whether the one who waits for it still does.
 *
 * @param unknown the failure of an earlier attempt that may have taken effect, if there was one
 * @throws DeadlineError when nothing can have been written; UnavailableError when that is not known
 */
export function mayBegin({ clock }: RetryPolicy, { notAfterMs }: Pick<ItemWrite, "notAfterMs">, unknown: unknown): void {
	if (notAfterMs === undefined || clock.nowMs() < notAfterMs) return;
	if (unknown !== undefined) throw unavailable("a write in time", unknown);
	throw new DeadlineError();
}

/**
 * Runs a call that may be repeated whether or not it took effect: a read, or a write that is idempotent by its conditions.
 * Failed conditions and defects pass through as the SDK threw them; `repeated` says whether an earlier attempt's effect is unknown.
 *
 * @throws UnavailableError when the attempts are used up.
 */
export async function repeatable<T>(policy: RetryPolicy, operation: string, call: () => Promise<T>): Promise<T> {
	let unknown: unknown;
	for (let attempt = 0; ; attempt++) {
		try {
			return await call();
		} catch (error) {
			const failure = classifyFailure(error);
			if (failure === Failure.Defect) throw error;
			if (failure === Failure.Condition) {
				// The condition may have failed on what an earlier attempt of this very call wrote.
				if (unknown !== undefined) throw new AmbiguousConditionError(error, unknown);
				throw error;
			}
			if (failure === Failure.Unknown) unknown = error;
			if (attempt + 1 >= (policy.attempts ?? MAX_ATTEMPTS)) throw unavailable(operation, error);
			await backOff(policy, attempt);
		}
	}
}

/** A condition failed after an attempt whose outcome is unknown: it may be this call's own effect that was met. */
export class AmbiguousConditionError extends Error {
	override name = "AmbiguousConditionError";
	/** The conditional failure as the SDK threw it. */
	readonly condition: unknown;
	constructor(condition: unknown, earlier: unknown) {
		super("a condition failed after an attempt of unknown outcome", { cause: earlier });
		this.condition = condition;
	}
}

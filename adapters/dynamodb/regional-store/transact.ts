import { type TransactWriteItem, TransactWriteItemsCommand } from "@aws-sdk/client-dynamodb";
import type { TableContext } from "#adapters/dynamodb/regional-store/table-context.ts";
import { AmbiguousConditionError, backOff, mayBegin, repeatable } from "#adapters/dynamodb/retry.ts";
import { classifyFailure, conditionFailedAt, Failure, unavailable } from "#adapters/dynamodb/translate-error.ts";
import type { ItemWrite, WriteOutcome } from "#domain/partition/item.ts";

/** Rounds of reading and a transaction. Writers of one bucket conflict on its fence, so more than for a plain call. */
const MAX_ROUNDS = 6;
/** Exponent at which the waits between rounds stop growing. */
const MAX_BACK_OFF = 3;

/** The place of the fence in a transaction that checks or counts it. */
export const FENCE_ACTION = 0;

/** What a round of a write has read and judged: an answer, or the transaction that makes it true. */
export interface Round {
	readonly outcome: WriteOutcome;
	/** Each conditional on what was read, the fence first where there is one. Absent: nothing is to be written. */
	readonly actions?: readonly TransactWriteItem[];
	/** The first action is the fence's: if it fails, this region leads no more. */
	readonly isFenced?: boolean;
}

/**
 * Rounds of reading, judging and one transaction, until one is committed or nothing is to be written. The transaction expects what its
 * round has read, so a late attempt of unknown outcome and its repetition cannot both land; in conflict with others it waits and reads again.
 *
 * @throws UnavailableError when the rounds are used up; DeadlineError as `mayBegin` says
 */
export async function attempt(
	ctx: TableContext,
	operation: string,
	write: Pick<ItemWrite, "notAfterMs">,
	look: () => Promise<Round>,
): Promise<WriteOutcome> {
	for (let round = 0, unknown: unknown; ; round++) {
		const { outcome, actions, isFenced } = await look();
		if (actions === undefined) return outcome;
		mayBegin(ctx, write, unknown);
		const failure = await failureOf(() => send(ctx, actions));
		if (failure === undefined) return outcome;
		if (isFenced === true && conditionFailedAt(failure, FENCE_ACTION)) return { kind: "fence-changed" };
		const found = classifyFailure(failure);
		if (found === Failure.Defect) throw failure;
		if (found === Failure.Unknown) unknown = failure;
		if (round + 1 >= MAX_ROUNDS) throw unavailable(operation, failure);
		await backOff(ctx, Math.min(round, MAX_BACK_OFF));
	}
}

/** A transaction whose repetition is harmless. @returns the failed condition as the SDK threw it; undefined when it was committed */
export const transact = (ctx: TableContext, operation: string, actions: readonly TransactWriteItem[]): Promise<unknown> =>
	conditionFailure(() => repeatable(ctx, operation, () => send(ctx, actions)));

/** The same call again and again under one token, so that the service answers a repetition as it answered the first. @throws what `repeatable` throws */
export const transactOnce = (
	ctx: TableContext,
	operation: string,
	actions: readonly TransactWriteItem[],
	token: string,
): Promise<unknown> => repeatable(ctx, operation, () => send(ctx, actions, token));

const send = (ctx: TableContext, actions: readonly TransactWriteItem[], token?: string): Promise<unknown> =>
	ctx.client.send(
		new TransactWriteItemsCommand({ TransactItems: [...actions], ...(token === undefined ? {} : { ClientRequestToken: token }) }),
	);

/** The failed condition of a call whose repetition is harmless, as the SDK threw it; undefined when the call succeeded. */
export async function conditionFailure(call: () => Promise<unknown>): Promise<unknown> {
	const failure = await failureOf(call);
	const condition = failure instanceof AmbiguousConditionError ? failure.condition : failure;
	if (failure === undefined || classifyFailure(condition) === Failure.Condition) return condition;
	throw failure;
}

async function failureOf(call: () => Promise<unknown>): Promise<unknown> {
	try {
		await call();
		return undefined;
	} catch (error) {
		return error;
	}
}

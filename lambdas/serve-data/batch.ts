import type { Fence } from "#domain/partition/fence.ts";
import type { HeldVersion } from "#domain/ports/regional-store.ts";
import { DeadlineError, UnavailableError } from "#domain/shared/errors.ts";
import { type Answer, jsonAnswer, servedBy } from "#lambdas/serve-data/answer.ts";
import type { BatchOperation, DataRequest, ItemOperation } from "#lambdas/serve-data/data-request.ts";
import type { DataPlaneDeps } from "#lambdas/serve-data/deps.ts";
import { forwardToLeader } from "#lambdas/serve-data/forward-request.ts";
import { fingerprintOfBatch, type Idempotency, onceInBatch } from "#lambdas/serve-data/once.ts";
import { type Performed, performAsLeader, visitOf } from "#lambdas/serve-data/perform.ts";
import { PROBLEMS, type ProblemCode, ProblemError } from "#lambdas/serve-data/problem.ts";
import { remembers, sessionOf } from "#lambdas/serve-data/session.ts";

/** Bytes of bodies that one answer may hold: base64 and JSON must stay below the 6 MB of a function URL answer. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

/** The outcome of one operation, in the order of the operations. */
interface BatchOutcome {
	readonly status: number;
	readonly key: string;
	readonly etag?: string;
	readonly contentType?: string;
	/** base64 */
	readonly body?: string;
	readonly code?: ProblemCode;
}

/**
 * Carries the operations out one after the other: each stands for itself, there is no transaction over them. Under an idempotency key a write
 * that fails for now ends the batch, so that receipts are always those of its first writes and a repetition goes on where it ended, in the
 * same order. Answers 207.
 */
export async function serveBatch(deps: DataPlaneDeps, request: DataRequest, batch: BatchOperation, requestId: string): Promise<Answer> {
	const outcomes: BatchOutcome[] = [];
	let fence: Fence | undefined;
	let bytes = 0;
	const seen: HeldVersion[] = [];
	let writes = 0;
	let ended: ProblemCode | undefined;
	// a write creates the partition, so what comes before it is an answer about an item that is not there yet
	const isCreated = batch.operations.some(({ kind }) => kind === "put");
	const onceOf = onceIn(request.idempotencyKey, batch);
	// Each operation needs an id of its own: an id marks one write as done.
	const askerOf = (index: number, { kind }: ItemOperation) => ({
		requestId: `${requestId}.${index}`,
		remembers: remembers(request.asked),
		once: kind === "get" ? undefined : onceOf(writes++),
	});
	for (const [index, operation] of batch.operations.entries()) {
		if (ended !== undefined) {
			outcomes.push(failed(operation, ended));
			continue;
		}
		const visit = visitOf(request.partition, operation, request.route.buckets);
		const led = await attempt(index > 0 ? "any" : isCreated ? "partition.unknown" : "none", () =>
			performAsLeader(deps, visit, operation, askerOf(index, operation)),
		);
		if (led instanceof ProblemError) {
			outcomes.push(failed(operation, led.problem));
		} else if (led.kind === "elsewhere") {
			// Nothing has been done yet: the leader takes it whole. Later on, what is left is for the client to repeat.
			if (index === 0) return forwardToLeader(deps, request, requestId, led);
			outcomes.push(failed(operation, "partition.unsettled"));
		} else {
			fence = led.fence;
			const { answer } = led.value;
			// The first write tells for all: this key belongs to another request, of which nothing may be done.
			if (answer instanceof ProblemError && answer.problem === "idempotency.key-reused" && writes === 1) throw answer;
			seen.push(...led.value.seen);
			bytes += answer instanceof ProblemError ? 0 : (answer.body?.byteLength ?? 0);
			outcomes.push(bytes > MAX_ANSWER_BYTES && operation.kind === "get" ? failed(operation, "batch.too-large") : done(operation, answer));
		}
		const outcome = outcomes.at(-1)?.code;
		if (request.idempotencyKey !== undefined && operation.kind !== "get" && outcome !== undefined && isForNow(outcome)) ended = outcome;
	}
	const answer = jsonAnswer(207, { outcomes });
	return fence === undefined
		? answer
		: { ...answer, headers: { ...answer.headers, ...servedBy(fence), ...sessionOf(request.asked, seen) } };
}

/** The receipt of each write of a batch by its number among the writes; none without a key. */
function onceIn(key: string | undefined, batch: BatchOperation): (ordinal: number) => Idempotency | undefined {
	if (key === undefined) return () => undefined;
	const fingerprint = fingerprintOfBatch(batch);
	return (ordinal) => onceInBatch(key, ordinal, fingerprint);
}

/**
 * A problem of the first operation is the batch's; later ones are outcomes, for earlier operations have been carried out.
 *
 * @param caught which problems are an outcome
 */
async function attempt<T>(caught: "any" | "none" | "partition.unknown", work: () => Promise<T>): Promise<T | ProblemError> {
	try {
		return await work();
	} catch (error) {
		if (caught !== "any" && !(error instanceof ProblemError && error.problem === caught)) throw error;
		if (error instanceof ProblemError) return error;
		if (error instanceof DeadlineError) return new ProblemError("deadline.exceeded", undefined, { cause: error });
		if (error instanceof UnavailableError) return new ProblemError("store.unavailable", undefined, { cause: error });
		throw error;
	}
}

/** Whether the same request may succeed later: nothing has become of it. */
const isForNow = (code: ProblemCode): boolean => PROBLEMS[code].status === 503;

const failed = ({ key }: ItemOperation, code: ProblemCode): BatchOutcome => ({ status: PROBLEMS[code].status, key, code });

function done(operation: ItemOperation, answer: Performed["answer"]): BatchOutcome {
	if (answer instanceof ProblemError) return failed(operation, answer.problem);
	const { etag, "content-type": contentType } = answer.headers;
	return {
		status: answer.status,
		key: operation.key,
		...(etag !== undefined && { etag }),
		...(contentType !== undefined && { contentType }),
		...(answer.body !== undefined && { body: Buffer.from(answer.body).toString("base64") }),
	};
}

import type { Consistency } from "#domain/partition/consistency.ts";
import type { PartitionId } from "#domain/partition/partition-id.ts";
import { DeadlineError, OperatingError, UnavailableError } from "#domain/shared/errors.ts";
import { batchBody, outcomesOf, type StoreOperation, type StoreOutcome } from "#guard/batch.ts";
import type { Session } from "#guard/session.ts";
import type { Answer } from "#lambdas/serve-data/answer.ts";
import type { IncomingRequest } from "#lambdas/serve-data/data-request.ts";
import type { DataPlaneDeps } from "#lambdas/serve-data/deps.ts";
import { parseRequest } from "#lambdas/serve-data/parse-request.ts";
import { PROBLEMS, type ProblemCode, ProblemError } from "#lambdas/serve-data/problem.ts";
import { serveRequest } from "#lambdas/serve-data/serve-request.ts";

/** An item as a handler gets it. */
export interface Item {
	readonly body: Uint8Array;
	readonly contentType: string;
	/** Pass it as `ifMatch` to write only over this version. */
	readonly etag: string;
}

export interface PutOptions {
	/** @default application/octet-stream */
	readonly contentType?: string;
	/** Write only over this version. */
	readonly ifMatch?: string;
	/** Write only where there is no item. */
	readonly ifAbsent?: boolean;
	/** A write with the same key is done once within a day, however often it is repeated. */
	readonly idempotencyKey?: string;
}

export type PutOutcome =
	| { readonly kind: "written"; readonly created: boolean; readonly etag: string }
	| { readonly kind: "precondition-failed"; readonly etag: string | undefined };
export type DeleteOutcome =
	| { readonly kind: "deleted" }
	| { readonly kind: "not-found" }
	| { readonly kind: "precondition-failed"; readonly etag: string | undefined };

export interface ItemPage {
	readonly items: readonly { readonly key: string; readonly etag: string; readonly size: number }[];
	/** Absent at the end. */
	readonly cursor?: string;
}

/**
 * One partition's items, for the time of one invocation. Each operation acts as the fence allows at that moment: here where this region
 * leads, after a short wait where it is being handed over, else at the region that leads. Nothing else can be written through it.
 *
 * Every method throws PartitionError where an operation cannot be done now (`retryable`) or not at all.
 */
export interface PartitionStore {
	readonly partition: PartitionId;
	/** @param options.consistency `session` in a request that belongs to one, `linearizable` in any other, unless told otherwise */
	get(key: string, options?: { readonly consistency?: Consistency }): Promise<Item | undefined>;
	put(key: string, body: Uint8Array | string, options?: PutOptions): Promise<PutOutcome>;
	delete(key: string, options?: Pick<PutOptions, "ifMatch" | "idempotencyKey">): Promise<DeleteOutcome>;
	/** Keys in byte order. @param options.limit 1..1000, 100 without it */
	list(options?: { readonly prefix?: string; readonly limit?: number; readonly cursor?: string }): Promise<ItemPage>;
	/**
	 * Up to 25 operations, one after the other, where the partition is led; each stands for itself, there is no transaction over them. One
	 * outcome an operation, in their order. Thrown is what keeps the first operation from being tried, `partition.unknown` for one that reads or deletes.
	 *
	 * @param options.idempotencyKey each write of the batch is done once within a day, however often the same batch is repeated
	 */
	batch(operations: readonly StoreOperation[], options?: Pick<PutOptions, "idempotencyKey">): Promise<readonly StoreOutcome[]>;
	/**
	 * What the caller has seen by now, for its next request, where this request belongs to a session: it bears `x-heliotrope-session`, or
	 * `x-heliotrope-consistency: session`. The guard puts it into the answer.
	 */
	readonly session: string | undefined;
}

/** An operation on a partition that was not done. `problem` is a code of the data API. */
export class PartitionError extends OperatingError {
	override name = "PartitionError";
	readonly problem: ProblemCode;
	constructor(error: ProblemError) {
		super(error.message, { code: error.problem, retryable: error.retryable, cause: error });
		this.problem = error.problem;
	}
}

export interface StoreOptions {
	readonly deps: DataPlaneDeps;
	readonly partition: PartitionId;
	/** Of the invocation; each operation gets a number behind it. */
	readonly requestId: string;
	/** What every operation bears, such as the caller's token: a region that leads asks for it. */
	readonly headers: Readonly<Record<string, string>>;
	/** The session that the request belongs to. @default none */
	readonly session?: Session | undefined;
	/** Told of what every operation came to, refusals too. */
	readonly onAnswer?: (answer: Pick<Answer, "headers">) => void;
	/** What a problem that another region has answered with is to the handler. @default the same */
	readonly refusalOf?: (problem: ProblemError) => ProblemError;
}

/** The store of one partition over the data plane's own code. */
export function createPartitionStore(options: StoreOptions): PartitionStore {
	const { deps, partition, requestId, headers: common, session, refusalOf = (problem) => problem } = options;
	let operations = 0;
	const learn = (answer: Pick<Answer, "headers">): void => {
		session?.learn(answer);
		options.onAnswer?.(answer);
	};
	const root = `/v1/partitions/${encodeURIComponent(partition)}`;
	const base = `${root}/items`;
	const send = async (
		method: string,
		path: string,
		more: Partial<Pick<IncomingRequest, "headers" | "body" | "query">>,
	): Promise<Answer> => {
		const headers = { ...common, ...session?.headers(), ...more.headers };
		const incoming = { method, path, query: more.query ?? "", headers, body: more.body ?? new Uint8Array() };
		const answer = await serveRequest(deps, parseRequest(incoming), `${requestId}.${operations++}`).catch((error: unknown) => {
			// a refusal has seen what it was refused for
			if (error instanceof ProblemError) learn(error);
			throw error;
		});
		learn(answer);
		if (answer.status >= 400) throw refusalOf(problemOf(answer));
		return answer;
	};
	const itemPath = (key: string): string => `${base}/${encodeURIComponent(key)}`;
	return {
		partition,
		get session() {
			return session?.token();
		},
		batch: (operations, { idempotencyKey } = {}) =>
			settled<readonly StoreOutcome[]>(async () => {
				const headers = named({ "content-type": "application/json", "idempotency-key": idempotencyKey });
				return outcomesOf(await send("POST", `${root}/batch`, { headers, body: batchBody(operations) }));
			}, {}),
		get: (key, options = {}) =>
			settled(
				async () => {
					const headers = named({ "x-heliotrope-consistency": options.consistency });
					const { headers: got, body } = await send("GET", itemPath(key), { headers });
					return { body: body ?? new Uint8Array(), contentType: got["content-type"] ?? "", etag: got["etag"] ?? "" };
				},
				{ "item.not-found": () => undefined, "partition.unknown": () => undefined },
			),
		put: (key, body, options = {}) =>
			settled<PutOutcome>(
				async () => {
					const headers = named({ "content-type": options.contentType, ...conditions(options) });
					const { status, headers: got } = await send("PUT", itemPath(key), { headers, body: Buffer.from(body) });
					return { kind: "written", created: status === 201, etag: got["etag"] ?? "" };
				},
				{ "precondition.failed": (error) => ({ kind: "precondition-failed", etag: error.headers["etag"] }) },
			),
		delete: (key, options = {}) =>
			settled<DeleteOutcome>(
				async () => {
					await send("DELETE", itemPath(key), { headers: named(conditions(options)) });
					return { kind: "deleted" };
				},
				{
					"item.not-found": () => ({ kind: "not-found" }),
					"partition.unknown": () => ({ kind: "not-found" }),
					"precondition.failed": (error) => ({ kind: "precondition-failed", etag: error.headers["etag"] }),
				},
			),
		list: ({ prefix = "", limit = 100, cursor } = {}) =>
			settled<ItemPage>(
				async () => {
					const query = new URLSearchParams(named({ prefix, limit: String(limit), cursor })).toString();
					const { body = new Uint8Array() } = await send("GET", base, { query });
					return JSON.parse(Buffer.from(body).toString("utf8")) as ItemPage;
				},
				{ "partition.unknown": () => ({ items: [] }) },
			),
	};
}

const conditions = ({ ifMatch, ifAbsent, idempotencyKey }: PutOptions): Record<string, string | undefined> => ({
	"if-match": ifMatch,
	"if-none-match": ifAbsent === true ? "*" : undefined,
	"idempotency-key": idempotencyKey,
});

const named = (fields: Readonly<Record<string, string | undefined>>): Record<string, string> =>
	Object.fromEntries(Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));

/** Outcomes that callers branch on are values; any other problem is thrown. */
async function settled<T>(work: () => Promise<T>, outcomes: Partial<Record<ProblemCode, (error: ProblemError) => T>>): Promise<T> {
	try {
		return await work();
	} catch (error) {
		const problem = asProblem(error);
		const outcome = outcomes[problem.problem];
		if (outcome === undefined) throw new PartitionError(problem);
		return outcome(problem);
	}
}

/** @throws the error itself where it is a defect */
function asProblem(error: unknown): ProblemError {
	if (error instanceof ProblemError) return error;
	if (error instanceof DeadlineError) return new ProblemError("deadline.exceeded", undefined, { cause: error });
	if (error instanceof UnavailableError) return new ProblemError("store.unavailable", undefined, { cause: error });
	throw error;
}

/** The problem that another region has answered with. */
function problemOf({ headers, body = new Uint8Array() }: Answer): ProblemError {
	const { code, detail } = JSON.parse(Buffer.from(body).toString("utf8")) as { code: ProblemCode; detail: string };
	return new ProblemError(code in PROBLEMS ? code : "internal", detail, { headers });
}

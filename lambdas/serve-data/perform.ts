import type { HeldVersion } from "#domain/ports/regional-store.ts";
import { assertNever } from "#domain/shared/assert-never.ts";
import { type Answer, answerList, answerRead, answerWrite } from "#lambdas/serve-data/answer.ts";
import type { ItemOperation, ListOperation } from "#lambdas/serve-data/data-request.ts";
import type { DataPlaneDeps } from "#lambdas/serve-data/deps.ts";
import { listAsLeader, readAsLeader, writeAsLeader } from "#lambdas/serve-data/item-actions.ts";
import { type Leadership, type Led, type Visit, whileLeading } from "#lambdas/serve-data/lead.ts";
import { beginList } from "#lambdas/serve-data/list-range.ts";
import type { Idempotency } from "#lambdas/serve-data/once.ts";
import { ProblemError } from "#lambdas/serve-data/problem.ts";

/** What an operation touches. A read, list or delete brings no partition into being. */
export const visitOf = (partition: Visit["partition"], operation: ItemOperation | ListOperation, buckets: number | undefined): Visit => ({
	partition,
	key: operation.kind === "list" ? undefined : operation.key,
	buckets,
	creates: operation.kind === "put",
});

/** What an operation came to. */
export interface Performed {
	/** An answer, or the problem it turned out to be: both are answers of the region that performed it. */
	readonly answer: Answer | ProblemError;
	/** The versions that whoever gets this answer has seen. */
	readonly seen: readonly HeldVersion[];
}

/** Who asks for an operation, as far as it matters to how it is done. */
export interface Asker {
	readonly requestId: string;
	/** Whether it remembers what it has seen: a session. */
	readonly remembers: boolean;
	/** Given where a write must not happen twice. */
	readonly once?: Idempotency | undefined;
}

/** Runs one operation as leader. */
export const performAsLeader = (
	deps: DataPlaneDeps,
	visit: Visit,
	operation: ItemOperation | ListOperation,
	asker: Asker,
): Promise<Led<Performed>> =>
	whileLeading(deps, visit, async (leadership): Promise<Performed | undefined> => {
		switch (operation.kind) {
			case "get": {
				const found = await readAsLeader(deps, leadership, operation.key);
				return found && performed(() => answerRead(found, operation.ifNoneMatch), found.seen);
			}
			case "put":
			case "delete":
				return performWrite(deps, leadership, operation, asker);
			case "list": {
				const { range, cursorFor } = await beginList(deps, visit.partition, operation);
				const listed = await listAsLeader(deps, leadership, range);
				return listed && performed(() => answerList(listed.page, cursorFor), listed.seen);
			}
			default:
				return assertNever(operation);
		}
	});

async function performWrite(
	deps: DataPlaneDeps,
	leadership: Leadership,
	operation: Exclude<ItemOperation, { kind: "get" }>,
	asker: Asker,
): Promise<Performed | undefined> {
	const outcome = await writeAsLeader(deps, leadership, operation, asker);
	if (outcome === undefined) return undefined;
	const answer = () => answerWrite(outcome, operation.kind);
	const settled = outcome.kind === "repeated" ? outcome.outcome : outcome;
	if (settled.kind === "written") return performed(answer, [{ key: operation.key, version: settled.version }]);
	const { remembers } = asker;
	if (!remembers) return performed(answer, []);
	// A write that was refused tells its session what is there, a tombstone for example; nothing was written, so all of it may run again.
	const found = await readAsLeader(deps, leadership, operation.key);
	return found && performed(answer, found.seen);
}

/** Adds headers, such as who served. @throws ProblemError likewise marked, where the answer is one. */
export function marked({ answer }: Performed, headers: Answer["headers"]): Answer {
	if (!(answer instanceof ProblemError)) return { ...answer, headers: { ...answer.headers, ...headers } };
	throw new ProblemError(answer.problem, answer.message, { headers: { ...answer.headers, ...headers } });
}

/** An answer with what its receiver has seen; a problem found in the making is an answer too. */
export function performed(work: () => Answer, seen: readonly HeldVersion[]): Performed {
	try {
		return { answer: work(), seen };
	} catch (error) {
		if (error instanceof ProblemError) return { answer: error, seen };
		throw error;
	}
}

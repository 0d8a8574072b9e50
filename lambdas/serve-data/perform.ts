import type { Fence } from "#domain/partition/fence.ts";
import { assertNever } from "#domain/shared/assert-never.ts";
import { type Answer, answerList, answerRead, answerWrite, servedBy } from "#lambdas/serve-data/answer.ts";
import type { ItemOperation, ListOperation } from "#lambdas/serve-data/data-request.ts";
import type { DataPlaneDeps } from "#lambdas/serve-data/deps.ts";
import { listAsLeader, readAsLeader, writeAsLeader } from "#lambdas/serve-data/item-actions.ts";
import { type Led, type Visit, whileLeading } from "#lambdas/serve-data/lead.ts";
import { ProblemError } from "#lambdas/serve-data/problem.ts";

/** What an operation touches. A read, list or delete brings no partition into being. */
export const visitOf = (partition: Visit["partition"], operation: ItemOperation | ListOperation, buckets: number | undefined): Visit => ({
	partition,
	key: operation.kind === "list" ? undefined : operation.key,
	buckets,
	creates: operation.kind === "put",
});

/** An answer, or the problem it turned out to be: both are answers of the leader. */
export type LeaderAnswer = Answer | ProblemError;

/** Runs one operation as leader. */
export const performAsLeader = (
	deps: DataPlaneDeps,
	visit: Visit,
	operation: ItemOperation | ListOperation,
	requestId: string,
): Promise<Led<LeaderAnswer>> =>
	whileLeading(deps, visit, async (leadership): Promise<LeaderAnswer | undefined> => {
		switch (operation.kind) {
			case "get": {
				const found = await readAsLeader(deps, leadership, operation.key);
				return found && caught(() => answerRead(found, operation.ifNoneMatch));
			}
			case "put":
			case "delete": {
				const outcome = await writeAsLeader(deps, leadership, operation, requestId);
				return outcome && caught(() => answerWrite(outcome, operation.kind));
			}
			case "list": {
				const page = await listAsLeader(deps, leadership, operation);
				return page && answerList(page);
			}
			default:
				return assertNever(operation);
		}
	});

/** Adds who served. @throws ProblemError likewise marked, where the answer is one. */
export function markServed(answer: LeaderAnswer, fence: Fence): Answer {
	if (!(answer instanceof ProblemError)) return { ...answer, headers: { ...answer.headers, ...servedBy(fence) } };
	throw new ProblemError(answer.problem, answer.message, { headers: { ...answer.headers, ...servedBy(fence) } });
}

function caught(work: () => Answer): LeaderAnswer {
	try {
		return work();
	} catch (error) {
		if (error instanceof ProblemError) return error;
		throw error;
	}
}

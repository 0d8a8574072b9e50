import type { Item, Table } from "#adapters/dynamodb/batches.ts";
import { keyOf } from "#adapters/dynamodb/batches.ts";
import { queryAll } from "#adapters/dynamodb/query-all.ts";
import type { Decision } from "#domain/placement/decision.ts";
import { KEY } from "#infra/description/tables.ts";

/** No partition is named so: `#` is not among the characters of a partition. */
const TALLY = "#tally";

/**
 * One small item a run beside its decisions, so that counting all decisions reads a few bytes a run and not the decisions.
 * A repeated run replaces its own item.
 */
export function tallyItems(decisions: readonly Decision[], expiresAt: (decidedAt: string) => number): readonly Item[] {
	const counts = new Map<string, number>();
	for (const { decidedAt } of decisions) counts.set(decidedAt, (counts.get(decidedAt) ?? 0) + 1);
	return [...counts].map(([decidedAt, decided]) => ({ ...keyOf(TALLY, decidedAt), decided, [KEY.expiry]: expiresAt(decidedAt) }));
}

/** The decisions of all runs that are kept. @throws UnavailableError */
export async function countDecisions(table: Table): Promise<number> {
	const items = await queryAll(table, {
		KeyConditionExpression: "#pk = :pk",
		ProjectionExpression: "#decided",
		ExpressionAttributeNames: { "#pk": KEY.partitionKey, "#decided": "decided" },
		ExpressionAttributeValues: { ":pk": TALLY },
	});
	return items.reduce((sum, { decided }) => sum + Number(decided), 0);
}

import { QueryCommand } from "@aws-sdk/lib-dynamodb";
import { type Item, keyOf, putMany, type Table } from "#adapters/dynamodb/batches.ts";
import { tallyItems } from "#adapters/dynamodb/decision-tally.ts";
import { repeatable } from "#adapters/dynamodb/retry.ts";
import { type Decision, decisionSchema } from "#domain/placement/decision.ts";
import type { DecisionStore } from "#domain/ports/decision-store.ts";
import { OperatingError } from "#domain/shared/errors.ts";
import { KEY } from "#infra/description/tables.ts";

/** Decisions are explained for a quarter. */
const DECISION_TTL_SECONDS = 90 * 24 * 3600;

/** The decisions table. @see ARCHITECTURE.md for its keys */
export const createDecisionStore = (table: Table): DecisionStore => ({
	writeAll: (decisions) => putMany(table, [...decisions.map(encodeDecision), ...tallyItems(decisions, expiresAt)]),
	async list(partition, { limit, before }) {
		const command = new QueryCommand({
			TableName: table.tableName,
			Limit: limit,
			ScanIndexForward: false,
			KeyConditionExpression: before === undefined ? "#pk = :pk" : "#pk = :pk AND #sk < :before",
			ExpressionAttributeNames: { "#pk": KEY.partitionKey, ...(before === undefined ? {} : { "#sk": KEY.sortKey }) },
			ExpressionAttributeValues: { ":pk": partition, ...(before === undefined ? {} : { ":before": before }) },
		});
		const { Items = [] } = await repeatable(table, "Query", () => table.client.send(command));
		return Items.map(decodeDecision);
	},
});

/** The verdict, reason and regions stand beside the record, for whoever reads the table by hand. */
export const encodeDecision = (decision: Decision): Item => ({
	...keyOf(decision.partition, decision.decidedAt),
	verdict: decision.verdict,
	reason: decision.reason,
	decision: JSON.stringify(decision),
	[KEY.expiry]: expiresAt(decision.decidedAt),
});

/** Unix seconds. */
const expiresAt = (decidedAt: string): number => Math.floor(Date.parse(decidedAt) / 1000) + DECISION_TTL_SECONDS;

/** @throws OperatingError `decision.invalid` when the item does not have the shape this release writes */
export function decodeDecision(item: Item): Decision {
	try {
		return decisionSchema.parse(JSON.parse(String(item["decision"])));
	} catch (cause) {
		throw new OperatingError("a decision record has an unexpected shape", { code: "decision.invalid", retryable: false, cause });
	}
}

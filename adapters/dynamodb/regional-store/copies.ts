import { ConditionalCheckFailedException, DeleteItemCommand } from "@aws-sdk/client-dynamodb";
import { encodeItem } from "#adapters/dynamodb/regional-store/codec.ts";
import { expectationCondition, olderThan, versionIs } from "#adapters/dynamodb/regional-store/conditions.ts";
import { fenceKey, itemKey, journalKey, type TableContext } from "#adapters/dynamodb/regional-store/table-context.ts";
import { anyOf, Terms } from "#adapters/dynamodb/regional-store/terms.ts";
import { conditionFailure, FENCE_ACTION, transact } from "#adapters/dynamodb/regional-store/transact.ts";
import { repeatable } from "#adapters/dynamodb/retry.ts";
import { conditionFailedAt } from "#adapters/dynamodb/translate-error.ts";
import { type FenceExpectation, FenceRole } from "#domain/partition/fence.ts";
import { CARRY_ROLES } from "#domain/partition/fence-rules.ts";
import type { CarryOutcome, StoredItem } from "#domain/partition/item.ts";
import type { BucketRef } from "#domain/partition/partition-id.ts";
import type { Version } from "#domain/partition/version.ts";
import type { CarryGuard } from "#domain/ports/regional-store.ts";
import { KEY } from "#infra/description/tables.ts";

/** Puts the item if it is newer and the fence admits it. Repeating is harmless: the second time it is already there. */
export async function carry(ctx: TableContext, ref: BucketRef, item: StoredItem, guard: CarryGuard): Promise<CarryOutcome> {
	const terms = new Terms();
	const put = {
		TableName: ctx.tableName,
		Item: encodeItem(ref, item),
		ConditionExpression: olderThan(terms, item.version),
		...terms.maps(),
	};
	const check = fenceCheck(ctx, ref, { role: CARRY_ROLES, ...guard });
	const failure = await transact(ctx, "a carry", [check, { Put: put }]);
	if (failure === undefined) return "stored";
	return conditionFailedAt(failure, FENCE_ACTION) ? "refused" : "already-newer";
}

/** Deletes a row for good, while the fence says removing. A row that is gone counts as deleted. */
export async function deleteItem(
	ctx: TableContext,
	ref: BucketRef,
	key: string,
	version: Version,
	guard: Required<CarryGuard>,
): Promise<"deleted" | "refused" | "newer"> {
	const terms = new Terms();
	const condition = anyOf(terms.notExists(KEY.partitionKey), versionIs(terms, version));
	const deletion = { TableName: ctx.tableName, Key: itemKey(ref, key), ConditionExpression: condition, ...terms.maps() };
	const check = fenceCheck(ctx, ref, { role: FenceRole.Removing, ...guard });
	const failure = await transact(ctx, "a deletion", [check, { Delete: deletion }]);
	if (failure === undefined) return "deleted";
	return conditionFailedAt(failure, FENCE_ACTION) ? "refused" : "newer";
}

/** Removes a journal entry if it still holds the version that was carried. */
export async function removeJournalEntry(
	ctx: TableContext,
	ref: BucketRef,
	key: string,
	version: Version,
): Promise<"removed" | "newer" | "absent"> {
	const terms = new Terms();
	const command = new DeleteItemCommand({
		TableName: ctx.tableName,
		Key: journalKey(ref, key),
		ConditionExpression: versionIs(terms, version),
		ReturnValuesOnConditionCheckFailure: "ALL_OLD",
		...terms.maps(),
	});
	const failure = await conditionFailure(() => repeatable(ctx, "a journal removal", () => ctx.client.send(command)));
	if (failure === undefined) return "removed";
	return failure instanceof ConditionalCheckFailedException && failure.Item !== undefined ? "newer" : "absent";
}

/** The first action of a transaction on a copy. */
export function fenceCheck(ctx: TableContext, ref: BucketRef, expect: FenceExpectation) {
	const terms = new Terms();
	const condition = expectationCondition(terms, expect, ctx.clock.nowMs());
	return { ConditionCheck: { TableName: ctx.tableName, Key: fenceKey(ref), ConditionExpression: condition, ...terms.maps() } };
}

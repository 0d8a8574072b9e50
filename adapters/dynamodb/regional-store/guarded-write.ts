import type { TransactWriteItem } from "@aws-sdk/client-dynamodb";
import { Attribute, decodeItem, encodeItem, encodeJournalEntry, wasCreated } from "#adapters/dynamodb/regional-store/codec.ts";
import { expectationCondition, versionIs } from "#adapters/dynamodb/regional-store/conditions.ts";
import { readFence, readItemRow } from "#adapters/dynamodb/regional-store/reads.ts";
import { fenceKey, num, type TableContext } from "#adapters/dynamodb/regional-store/table-context.ts";
import { Terms } from "#adapters/dynamodb/regional-store/terms.ts";
import { attempt } from "#adapters/dynamodb/regional-store/transact.ts";
import { type FenceExpectation, FenceRole, WriteMode } from "#domain/partition/fence.ts";
import { meetsExpectation } from "#domain/partition/fence-rules.ts";
import type { ItemWrite, StoredItem, WriteOutcome } from "#domain/partition/item.ts";
import { judgeWrite } from "#domain/partition/judge-write.ts";
import type { BucketRef } from "#domain/partition/partition-id.ts";
import type { Version } from "#domain/partition/version.ts";

type Put = { readonly item: StoredItem; readonly created: boolean; readonly replaces: Version | undefined };

/**
 * Fence seq, item and journal in one transaction, if the fence says leader, guarded, at `epoch` and the item is the one just read.
 * Every round expects the version it has read, so a late first attempt and its repetition cannot both land.
 */
export function writeGuarded(ctx: TableContext, ref: BucketRef, write: ItemWrite, epoch: number): Promise<WriteOutcome> {
	const leads: FenceExpectation = { role: FenceRole.Leader, mode: WriteMode.Guarded, epoch };
	return attempt(ctx, "a guarded write", write, async () => {
		const row = await readItemRow(ctx, ref, write.key);
		const stored = row === undefined ? undefined : decodeItem(row);
		const verdict = judgeWrite(stored, write, epoch);
		if (verdict.kind === "already-written")
			return { outcome: { kind: "written", created: row !== undefined && wasCreated(row), version: verdict.version } };
		if (verdict.kind !== "put") {
			// What was read counts only if this region still led afterwards.
			return { outcome: meetsExpectation(await readFence(ctx, ref), leads) ? verdict : { kind: "fence-changed" } };
		}
		const { item, created } = verdict;
		const actions = actionsOf(ctx, ref, { item, created, replaces: stored?.version }, leads);
		return { outcome: { kind: "written", created, version: item.version }, actions, isFenced: true };
	});
}

function actionsOf(ctx: TableContext, ref: BucketRef, put: Put, leads: FenceExpectation): readonly TransactWriteItem[] {
	const TableName = ctx.tableName;
	const item = new Terms();
	return [
		raiseSeq(ctx, ref, leads),
		{
			Put: {
				TableName,
				Item: encodeItem(ref, put.item, put.created),
				ConditionExpression: versionIs(item, put.replaces),
				...item.maps(),
			},
		},
		{ Put: { TableName, Item: encodeJournalEntry(ref, { key: put.item.key, version: put.item.version }) } },
	];
}

/** The first action of a guarded write: the fence counts it, if it still says who leads. */
export function raiseSeq(ctx: TableContext, ref: BucketRef, leads: FenceExpectation): TransactWriteItem {
	const terms = new Terms();
	return {
		Update: {
			TableName: ctx.tableName,
			Key: fenceKey(ref),
			UpdateExpression: `SET ${terms.name(Attribute.Seq)} = ${terms.name(Attribute.Seq)} + ${terms.value(num(1))}`,
			ConditionExpression: expectationCondition(terms, leads, ctx.clock.nowMs()),
			...terms.maps(),
		},
	};
}

import { type TransactWriteItem, TransactWriteItemsCommand, type TransactWriteItemsCommandInput } from "@aws-sdk/client-dynamodb";
import { Attribute, decodeItem, encodeItem, encodeJournalEntry, wasCreated } from "#adapters/dynamodb/regional-store/codec.ts";
import { expectationCondition, versionIs } from "#adapters/dynamodb/regional-store/conditions.ts";
import { readFence, readItemRow } from "#adapters/dynamodb/regional-store/reads.ts";
import { fenceKey, num, type TableContext } from "#adapters/dynamodb/regional-store/table-context.ts";
import { Terms } from "#adapters/dynamodb/regional-store/terms.ts";
import { backOff, mayBegin } from "#adapters/dynamodb/retry.ts";
import { classifyFailure, conditionFailedAt, Failure, unavailable } from "#adapters/dynamodb/translate-error.ts";
import { type FenceExpectation, FenceRole, WriteMode } from "#domain/partition/fence.ts";
import { meetsExpectation } from "#domain/partition/fence-rules.ts";
import type { ItemWrite, StoredItem, WriteOutcome } from "#domain/partition/item.ts";
import { judgeWrite } from "#domain/partition/judge-write.ts";
import type { BucketRef } from "#domain/partition/partition-id.ts";
import type { Version } from "#domain/partition/version.ts";

/** Rounds of read and transaction. Writers of one bucket conflict on its fence, so more than for a plain call. */
const MAX_ROUNDS = 6;
const FENCE_ACTION = 0;

type Put = { readonly item: StoredItem; readonly created: boolean; readonly replaces: Version | undefined };

/**
 * Fence seq, item and journal in one transaction, if the fence says leader, guarded, at `epoch` and the item is the one just read.
 * Every round expects the version it has read, so a late first attempt and its repetition cannot both land.
 */
export async function writeGuarded(ctx: TableContext, ref: BucketRef, write: ItemWrite, epoch: number): Promise<WriteOutcome> {
	const leads: FenceExpectation = { role: FenceRole.Leader, mode: WriteMode.Guarded, epoch };
	for (let round = 0, unknown: unknown; ; round++) {
		const row = await readItemRow(ctx, ref, write.key);
		const stored = row === undefined ? undefined : decodeItem(row);
		const verdict = judgeWrite(stored, write, epoch);
		if (verdict.kind === "already-written")
			return { kind: "written", created: row !== undefined && wasCreated(row), version: verdict.version };
		if (verdict.kind !== "put") {
			// What was read counts only if this region still led afterwards.
			return meetsExpectation(await readFence(ctx, ref), leads) ? verdict : { kind: "fence-changed" };
		}
		mayBegin(ctx, write, unknown);
		const put: Put = { item: verdict.item, created: verdict.created, replaces: stored?.version };
		const failure = await transact(ctx, ref, put, leads);
		if (failure === undefined) return { kind: "written", created: put.created, version: put.item.version };
		if (conditionFailedAt(failure, FENCE_ACTION)) return { kind: "fence-changed" };
		const found = classifyFailure(failure);
		if (found === Failure.Defect) throw failure;
		if (found === Failure.Unknown) unknown = failure;
		if (round + 1 >= MAX_ROUNDS) throw unavailable("a guarded write", failure);
		await backOff(ctx, Math.min(round, 3));
	}
}

/** What the SDK threw, or undefined when the transaction was committed. */
async function transact(ctx: TableContext, ref: BucketRef, put: Put, leads: FenceExpectation): Promise<unknown> {
	try {
		await ctx.client.send(new TransactWriteItemsCommand(transaction(ctx, ref, put, leads)));
		return undefined;
	} catch (error) {
		return error;
	}
}

function transaction(ctx: TableContext, ref: BucketRef, put: Put, leads: FenceExpectation): TransactWriteItemsCommandInput {
	const TableName = ctx.tableName;
	const item = new Terms();
	return {
		TransactItems: [
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
		],
	};
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

import assert from "node:assert/strict";
import type { TransactWriteItem } from "@aws-sdk/client-dynamodb";
import { decodeItem, encodeItem, encodeJournalEntry } from "#adapters/dynamodb/regional-store/codec.ts";
import { versionIs } from "#adapters/dynamodb/regional-store/conditions.ts";
import { raiseSeq } from "#adapters/dynamodb/regional-store/guarded-write.ts";
import { readItemRow } from "#adapters/dynamodb/regional-store/reads.ts";
import { itemKey, type TableContext } from "#adapters/dynamodb/regional-store/table-context.ts";
import { Terms } from "#adapters/dynamodb/regional-store/terms.ts";
import { attempt } from "#adapters/dynamodb/regional-store/transact.ts";
import { FenceRole, WriteMode } from "#domain/partition/fence.ts";
import type { ItemWrite, Once, StoredItem, WriteOutcome } from "#domain/partition/item.ts";
import { judgeOnce, type OnceVerdict } from "#domain/partition/judge-once.ts";
import type { BucketRef } from "#domain/partition/partition-id.ts";
import type { SteadyLease } from "#domain/ports/regional-store.ts";

type OnceWrite = ItemWrite & { readonly once: Once };
type Recorded = Extract<OnceVerdict, { kind: "record" }>;

/** How a leader may write: as a steady one within its lease, or as a guarded one with the fence in the transaction. */
export type OnceMode = { readonly mode: "steady"; readonly lease: SteadyLease } | { readonly mode: "guarded"; readonly epoch: number };

/**
 * The item and the receipt of its idempotency key in one transaction, which expects the versions of both that were read; where the item
 * is refused, the receipt of that alone. An attempt of unknown outcome is repeated: with the receipt there, the repetition cannot land.
 *
 * The receipt may lie in another bucket than the item. The fences of all buckets change in one transaction, so the item's vouches for both.
 */
export async function writeOnce(ctx: TableContext, ref: BucketRef, write: OnceWrite, by: OnceMode): Promise<WriteOutcome> {
	assert.equal(await ctx.client.config.maxAttempts(), 1, "the SDK must not retry behind the lease's back");
	const receiptRef = { partition: ref.partition, bucket: write.once.bucket };
	const epoch = by.mode === "steady" ? by.lease.epoch : by.epoch;
	return attempt(ctx, "a write with an idempotency key", write, async () => {
		const [item, receipt] = await Promise.all([read(ctx, ref, write.key), read(ctx, receiptRef, write.once.key)]);
		const verdict = judgeOnce({ item, receipt }, write, epoch);
		if (verdict.kind === "answer") return { outcome: verdict.outcome };
		if (by.mode === "steady" && ctx.clock.nowMs() >= by.lease.validUntilMs) return { outcome: { kind: "fence-changed" } };
		const actions = actionsOf(ctx, { ref, key: write.key, receiptRef, item, receipt, by }, verdict);
		return { outcome: verdict.outcome, actions, isFenced: by.mode === "guarded" };
	});
}

interface Situation {
	readonly ref: BucketRef;
	readonly key: string;
	readonly receiptRef: BucketRef;
	readonly item: StoredItem | undefined;
	readonly receipt: StoredItem | undefined;
	readonly by: OnceMode;
}

/** The fence first where there is one, so that its failure can be told by its place. */
function actionsOf(ctx: TableContext, at: Situation, verdict: Recorded): TransactWriteItem[] {
	const { ref, receiptRef, by } = at;
	const item = verdict.item === undefined ? expectItem(ctx, at) : putItem(ctx, ref, verdict.item, at.item, verdict);
	const all = [item, putItem(ctx, receiptRef, verdict.receipt, at.receipt)];
	if (by.mode === "steady") return all;
	const journal = [
		...(verdict.item === undefined ? [] : [journalPut(ctx, ref, verdict.item)]),
		journalPut(ctx, receiptRef, verdict.receipt),
	];
	return [raiseSeq(ctx, ref, { role: FenceRole.Leader, mode: WriteMode.Guarded, epoch: by.epoch }), ...all, ...journal];
}

function putItem(
	ctx: TableContext,
	ref: BucketRef,
	item: StoredItem,
	replaces: StoredItem | undefined,
	made?: Recorded,
): TransactWriteItem {
	const terms = new Terms();
	const created = made?.outcome.kind === "written" ? made.outcome.created : undefined;
	const condition = versionIs(terms, replaces?.version);
	return { Put: { TableName: ctx.tableName, Item: encodeItem(ref, item, created), ConditionExpression: condition, ...terms.maps() } };
}

/** What a refusal was judged by is still so when its receipt is written. */
function expectItem(ctx: TableContext, { ref, key, item }: Situation): TransactWriteItem {
	const terms = new Terms();
	const condition = versionIs(terms, item?.version);
	return { ConditionCheck: { TableName: ctx.tableName, Key: itemKey(ref, key), ConditionExpression: condition, ...terms.maps() } };
}

const journalPut = (ctx: TableContext, ref: BucketRef, { key, version }: StoredItem): TransactWriteItem => ({
	Put: { TableName: ctx.tableName, Item: encodeJournalEntry(ref, { key, version }) },
});

async function read(ctx: TableContext, ref: BucketRef, key: string): Promise<StoredItem | undefined> {
	const row = await readItemRow(ctx, ref, key);
	return row === undefined ? undefined : decodeItem(row);
}

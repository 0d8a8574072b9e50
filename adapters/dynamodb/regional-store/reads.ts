import { GetItemCommand, QueryCommand, TransactGetItemsCommand } from "@aws-sdk/client-dynamodb";
import { decodeFence } from "#adapters/dynamodb/regional-store/codec.ts";
import {
	bucketKey,
	FENCE_SORT_KEY,
	fenceKey,
	itemKey,
	PARKED_PREFIX,
	type Row,
	type TableContext,
} from "#adapters/dynamodb/regional-store/table-context.ts";
import { repeatable } from "#adapters/dynamodb/retry.ts";
import type { Fence } from "#domain/partition/fence.ts";
import { fenceExpired } from "#domain/partition/fence-rules.ts";
import { type BucketRef, bucketsOf, type PartitionId } from "#domain/partition/partition-id.ts";
import { BEHIND_RECEIPTS } from "#domain/partition/receipt.ts";
import { MAX_KEY_BYTES } from "#domain/partition/settings.ts";
import { utf8Length } from "#domain/partition/utf8-order.ts";
import type { Page } from "#domain/ports/regional-store.ts";
import { KEY } from "#infra/description/tables.ts";

/** The fence of one bucket, strongly consistent; an expired one counts as absent. */
export async function readFence(ctx: TableContext, ref: BucketRef): Promise<Fence | undefined> {
	return presentFence(ctx, await readRow(ctx, "a fence read", fenceKey(ref)));
}

/** The same, and whether any key of the bucket is parked behind it: two rows of one query, which cost what one read costs. */
export async function readFenceAndParked(ctx: TableContext, ref: BucketRef): Promise<{ fence: Fence | undefined; parked: boolean }> {
	const { Items = [] } = await repeatable(ctx, "a fence read", () =>
		ctx.client.send(
			new QueryCommand({
				TableName: ctx.tableName,
				ConsistentRead: true,
				Limit: 2,
				KeyConditionExpression: "#pk = :pk AND begins_with(#sk, :fence)",
				ExpressionAttributeNames: { "#pk": KEY.partitionKey, "#sk": KEY.sortKey },
				ExpressionAttributeValues: { ":pk": { S: bucketKey(ref) }, ":fence": { S: FENCE_SORT_KEY } },
			}),
		),
	);
	const row = Items.find((item) => item[KEY.sortKey]?.S === FENCE_SORT_KEY);
	return { fence: presentFence(ctx, row), parked: Items.some((item) => item[KEY.sortKey]?.S?.startsWith(PARKED_PREFIX)) };
}

/** The fences of all buckets as of one moment. */
export async function readFences(ctx: TableContext, partition: PartitionId, buckets: number): Promise<readonly (Fence | undefined)[]> {
	const gets = bucketsOf(partition, buckets).map((ref) => ({ Get: { TableName: ctx.tableName, Key: fenceKey(ref) } }));
	const { Responses = [] } = await repeatable(ctx, "a read of fences", () =>
		ctx.client.send(new TransactGetItemsCommand({ TransactItems: gets })),
	);
	return gets.map((_, index) => presentFence(ctx, Responses[index]?.Item));
}

/** The row of an item or tombstone, strongly consistent. */
export const readItemRow = (ctx: TableContext, ref: BucketRef, key: string): Promise<Row | undefined> =>
	readRow(ctx, "an item read", itemKey(ref, key));

/**
 * One page of the rows whose sort key is `kind` + a key with `prefix`, beyond `after`, in byte order. `next` is the key to go on from.
 * With a prefix, be it empty, there are no receipts among them.
 */
export async function readPage<T extends { readonly key: string }>(
	ctx: TableContext,
	ref: BucketRef,
	kind: string,
	range: { after?: string; prefix?: string; limit: number },
	decode: (row: Row) => T,
): Promise<Page<T>> {
	const bounds = sortKeyBounds(range.prefix, range.after);
	if (bounds === undefined) return { entries: [] };
	const { Items = [], LastEvaluatedKey } = await repeatable(ctx, "a list", () =>
		ctx.client.send(
			new QueryCommand({
				TableName: ctx.tableName,
				ConsistentRead: true,
				Limit: range.limit,
				KeyConditionExpression: "#pk = :pk AND #sk BETWEEN :low AND :high",
				ExpressionAttributeNames: { "#pk": KEY.partitionKey, "#sk": KEY.sortKey },
				ExpressionAttributeValues: {
					":pk": { S: bucketKey(ref) },
					":low": { S: kind + bounds.low },
					":high": { S: kind + bounds.high },
				},
			}),
		),
	);
	const entries = Items.map(decode);
	const last = entries.at(-1);
	return LastEvaluatedKey === undefined || last === undefined ? { entries } : { entries, next: last.key };
}

/** The greatest code point, four bytes of UTF-8. */
const GREATEST = "\u{10FFFF}";

/** Keys with `prefix` (undefined: all, receipts too) and beyond `after`, both ends included; undefined when there can be none. */
function sortKeyBounds(asked: string | undefined, after: string | undefined): { low: string; high: string } | undefined {
	const prefix = asked ?? "";
	// No key of at most MAX_KEY_BYTES that begins with the prefix is greater than this.
	const high =
		asked === undefined ? BEHIND_RECEIPTS : prefix + GREATEST.repeat(Math.ceil(Math.max(0, MAX_KEY_BYTES - utf8Length(prefix)) / 4));
	// U+0000 is the least code point, so this is the immediate successor of `after`.
	const successor = after === undefined ? undefined : `${after}\u0000`;
	const low = successor !== undefined && compareBytes(successor, prefix) > 0 ? successor : prefix;
	return compareBytes(low, high) > 0 ? undefined : { low, high };
}

const compareBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** A row, strongly consistent. */
export async function readRow(ctx: TableContext, operation: string, key: Row): Promise<Row | undefined> {
	const { Item } = await repeatable(ctx, operation, () =>
		ctx.client.send(new GetItemCommand({ TableName: ctx.tableName, Key: key, ConsistentRead: true })),
	);
	return Item;
}

function presentFence(ctx: TableContext, row: Row | undefined): Fence | undefined {
	const fence = row === undefined ? undefined : decodeFence(row);
	return fence === undefined || fenceExpired(fence, ctx.clock.nowMs()) ? undefined : fence;
}

import { randomUUID } from "node:crypto";
import { DeleteItemCommand, QueryCommand } from "@aws-sdk/client-dynamodb";
import * as z from "zod";
import { readFenceAndParked, readPage } from "#adapters/dynamodb/regional-store/reads.ts";
import { bucketKey, PARKED_PREFIX, type Row, rowKey, type TableContext } from "#adapters/dynamodb/regional-store/table-context.ts";
import { anyOf, Terms } from "#adapters/dynamodb/regional-store/terms.ts";
import { conditionFailure, transactOnce } from "#adapters/dynamodb/regional-store/transact.ts";
import { repeatable } from "#adapters/dynamodb/retry.ts";
import { partitionId } from "#domain/partition/partition-id.ts";
import type { ParkedBucket, ParkedKey, ParkedKeys } from "#domain/ports/parked-keys.ts";
import { KEY } from "#infra/description/tables.ts";

/** The partition key under which the buckets with parked keys are listed; no bucket's, since a partition has a name. */
const LIST_KEY = "#owed";
const MARK = "mark";

/** A transaction takes 100 actions, of which the list's entry is one. */
const MAX_KEYS = 99;

const text = z.object({ S: z.string() }).transform((value) => value.S);
const parkedRow = z.object({ [KEY.sortKey]: text, [MARK]: text });

/**
 * One region's parked keys: a row a key behind the bucket's fence, and one row a bucket in a list of the table's own. A key's row and the
 * list's entry are written in one transaction, so that no key is parked where no sweep finds it, however late a write lands.
 */
export const createParkedKeys = (ctx: TableContext): ParkedKeys => ({
	readFence: (ref) => readFenceAndParked(ctx, ref),
	async park(ref, keys) {
		for (let first = 0; first < keys.length; first += MAX_KEYS) {
			const rows = keys.slice(first, first + MAX_KEYS).map((key) => rowKey(ref, PARKED_PREFIX + key));
			// Only has to be unique, to tell this parking from others of the same key.
			const mark = { S: randomUUID() };
			const puts = [listKey(bucketKey(ref)), ...rows].map((row) => ({ Put: { TableName: ctx.tableName, Item: { ...row, [MARK]: mark } } }));
			await transactOnce(ctx, "a parking of keys", puts, mark.S);
		}
	},
	listBuckets: (range) => listBuckets(ctx, range),
	listKeys: (ref, range) => readPage(ctx, ref, PARKED_PREFIX, range, decodeParked),
	release: (ref, { key, mark }) => forget(ctx, rowKey(ref, PARKED_PREFIX + key), mark),
	releaseBucket: ({ ref, mark }) => forget(ctx, listKey(bucketKey(ref)), mark),
});

const listKey = (sortKey: string): Row => ({ [KEY.partitionKey]: { S: LIST_KEY }, [KEY.sortKey]: { S: sortKey } });

async function listBuckets(ctx: TableContext, { after, limit }: { after?: string; limit: number }) {
	const start = after === undefined ? {} : { ExclusiveStartKey: listKey(after) };
	const { Items = [], LastEvaluatedKey } = await repeatable(ctx, "a list of parked buckets", () =>
		ctx.client.send(
			new QueryCommand({
				TableName: ctx.tableName,
				ConsistentRead: true,
				Limit: limit,
				KeyConditionExpression: "#pk = :pk",
				ExpressionAttributeNames: { "#pk": KEY.partitionKey },
				ExpressionAttributeValues: { ":pk": { S: LIST_KEY } },
				...start,
			}),
		),
	);
	const next = LastEvaluatedKey?.[KEY.sortKey]?.S;
	const entries = Items.map(decodeListed);
	return next === undefined ? { entries } : { entries, next };
}

/** Deletes a row while it has this mark; a row that is gone counts as released. */
async function forget(ctx: TableContext, key: Row, mark: string): Promise<"released" | "newer"> {
	const terms = new Terms();
	const condition = anyOf(terms.notExists(KEY.partitionKey), terms.compare(MARK, "=", { S: mark }));
	const command = new DeleteItemCommand({ TableName: ctx.tableName, Key: key, ConditionExpression: condition, ...terms.maps() });
	const failure = await conditionFailure(() => repeatable(ctx, "a release of what was parked", () => ctx.client.send(command)));
	return failure === undefined ? "released" : "newer";
}

function decodeParked(row: Row): ParkedKey {
	const { sk, mark } = parkedRow.parse(row);
	return { key: sk.slice(PARKED_PREFIX.length), mark };
}

function decodeListed(row: Row): ParkedBucket {
	const { sk, mark } = parkedRow.parse(row);
	const at = sk.lastIndexOf("#");
	return { ref: { partition: partitionId(sk.slice(0, at)), bucket: Number(sk.slice(at + 1)) }, mark };
}

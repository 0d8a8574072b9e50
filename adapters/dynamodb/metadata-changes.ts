import { GetCommand, QueryCommand, TransactWriteCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";
import { chunksOf, keyOf, type Table } from "#adapters/dynamodb/batches.ts";
import { backOff, repeatable } from "#adapters/dynamodb/retry.ts";
import { classifyFailure, Failure, unavailable } from "#adapters/dynamodb/translate-error.ts";
import type { FeedEntry, FeedPage, MetadataChanges } from "#domain/ports/metadata-changes.ts";
import { KEY } from "#infra/description/tables.ts";

/** Seconds that an entry is kept. */
const KEPT_SECONDS = 7 * 24 * 3600;
/** A transaction has at most 100 actions, and one of them moves the head. */
const MOST_AT_ONCE = 99;
/** Entries under one partition key: a reader near the end needs one query, two at a seam. */
const BLOCK = 1000;
/** Writers that meet at the head wait for each other: there are few, one a shard of the metadata's stream. */
const MAX_ROUNDS = 8;

const HEAD = keyOf("HEAD", "record");
const headSchema = z.object({ position: z.int().min(1) });
/** `entry` is what this module has written; admin and console read it as it is. */
const rowSchema = z.object({
	[KEY.sortKey]: z.string(),
	atMs: z.number(),
	change: z.custom<FeedEntry["change"]>((value) => typeof value === "object"),
});

/** The change feed in a table of the control region: one row an entry, and one that holds the head. */
export function createMetadataChanges(table: Table): MetadataChanges {
	return {
		async append(changes) {
			for (const chunk of chunksOf(changes, MOST_AT_ONCE)) await appendChunk(table, chunk);
		},
		read: (range) => readAfter(table, range),
		head: () => readHead(table),
	};
}

async function readHead(table: Table): Promise<number> {
	const command = new GetCommand({ TableName: table.tableName, Key: { ...HEAD }, ConsistentRead: true });
	const { Item } = await repeatable(table, "GetItem", () => table.client.send(command));
	return Item === undefined ? 0 : headSchema.parse(Item).position;
}

/** The head moves in the same transaction, on condition that it is where it was: so positions have no gap, and none comes to light after a later one. */
async function appendChunk(table: Table, changes: readonly Omit<FeedEntry, "position">[]): Promise<void> {
	for (let round = 0; ; round += 1) {
		const head = await readHead(table);
		const puts = changes.map((entry, index) => ({
			Put: { TableName: table.tableName, Item: rowOf({ ...entry, position: head + 1 + index }) },
		}));
		try {
			await table.client.send(new TransactWriteCommand({ TransactItems: [moveHead(table, head, changes.length), ...puts] }));
			return;
		} catch (error) {
			const found = classifyFailure(error);
			if (found === Failure.Defect) throw error;
			// what may have happened is not repeated here: the stream tells it again, and a reader drops what it knows
			if (found === Failure.Unknown || round + 1 >= MAX_ROUNDS) throw unavailable("an append to the change feed", error);
			await backOff(table, Math.min(round, 4));
		}
	}
}

const moveHead = (table: Table, from: number, by: number) => ({
	Put: {
		TableName: table.tableName,
		Item: { ...HEAD, position: from + by },
		...(from === 0
			? { ConditionExpression: "attribute_not_exists(#pk)", ExpressionAttributeNames: { "#pk": KEY.partitionKey } }
			: {
					ConditionExpression: "#position = :from",
					ExpressionAttributeNames: { "#position": "position" },
					ExpressionAttributeValues: { ":from": from },
				}),
	},
});

const rowOf = ({ position, atMs, change }: FeedEntry) => ({
	...rowKey(position),
	atMs,
	change,
	[KEY.expiry]: Math.ceil(atMs / 1000) + KEPT_SECONDS,
});

const rowKey = (position: number) => keyOf(blockOf(position), sortKeyOf(position));
const blockOf = (position: number): string => `C#${Math.floor((position - 1) / BLOCK)}`;
const sortKeyOf = (position: number): string => String(position).padStart(16, "0");

async function readAfter(table: Table, { after, limit }: { readonly after: number; readonly limit: number }): Promise<FeedPage> {
	const entries: FeedEntry[] = [];
	let next = after + 1;
	while (entries.length < limit) {
		const found = await readBlock(table, next, limit - entries.length);
		entries.push(...found);
		next += found.length;
		// a block that ends early is the last one, or has lost rows
		if ((next - 1) % BLOCK !== 0 || found.length === 0) break;
	}
	if (entries.length === 0 && (await readHead(table)) !== after) return { kind: "gone" };
	return { kind: "page", entries };
}

/** Entries from the position on that follow each other without a gap, within its block. */
async function readBlock(table: Table, from: number, limit: number): Promise<readonly FeedEntry[]> {
	const command = new QueryCommand({
		TableName: table.tableName,
		Limit: limit,
		ConsistentRead: true,
		KeyConditionExpression: "#pk = :pk AND #sk >= :from",
		ExpressionAttributeNames: { "#pk": KEY.partitionKey, "#sk": KEY.sortKey },
		ExpressionAttributeValues: { ":pk": blockOf(from), ":from": sortKeyOf(from) },
	});
	const { Items = [] } = await repeatable(table, "Query", () => table.client.send(command));
	const rows = Items.map((item) => {
		const { atMs, change, ...row } = rowSchema.parse(item);
		return { position: Number(row[KEY.sortKey]), atMs, change };
	});
	const gap = rows.findIndex(({ position }, index) => position !== from + index);
	return gap === -1 ? rows : rows.slice(0, gap);
}

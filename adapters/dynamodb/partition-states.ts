import { GetCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";
import { type Item, keyOf, putMany, type Table } from "#adapters/dynamodb/batches.ts";
import { queryAll } from "#adapters/dynamodb/query-all.ts";
import { repeatable } from "#adapters/dynamodb/retry.ts";
import type { PartitionId } from "#domain/partition/partition-id.ts";
import type { Evidence, PartitionSize } from "#domain/partition-state/state.ts";
import { type PartitionWindow, partitionWindowSchema, SLICE_MS } from "#domain/partition-state/window.ts";
import type { PartitionStates, TelemetryWindow } from "#domain/ports/partition-states.ts";
import { KEY } from "#infra/description/tables.ts";

/** Judgements look back an hour; a day leaves room for a person. */
const WINDOW_TTL_SECONDS = 24 * 3600;
/** A slice lies in a window that begins at most so long before it, in ms: Lambda's longest tumbling window. */
const MAX_WINDOW_MS = 900_000;
const SIZE = "size";

const sizeSchema = z.object({ items: z.int().min(0), bytes: z.int().min(0), measuredAtMs: z.number() });

/** The state table. @see ARCHITECTURE.md for its keys */
export const createPartitionStates = (table: Table): PartitionStates => ({
	write: (window) => putMany(table, windowItems(window)),
	read: (partition, sinceMs, untilMs) => read(table, partition, sinceMs, untilMs),
	readSize: (partition) => readSize(table, partition),
	writeSize: (partition, size) => putMany(table, [{ ...keyOf(partition, SIZE), ...size }]),
	async addDivergence(partition, region, atMs) {
		const sliceMs = Math.floor(atMs / SLICE_MS) * SLICE_MS;
		const update = new UpdateCommand({
			TableName: table.tableName,
			Key: keyOf(partition, `${timeKey(sliceMs)}#divergence#${region}`),
			UpdateExpression: "ADD #n :one SET #region = :region, #at = :at, #expiresAt = :expiresAt",
			ExpressionAttributeNames: { "#n": "n", "#region": "region", "#at": "atMs", "#expiresAt": KEY.expiry },
			ExpressionAttributeValues: { ":one": 1, ":region": region, ":at": sliceMs, ":expiresAt": expiresAt(sliceMs) },
		});
		await repeatable(table, "UpdateItem", () => table.client.send(update));
	},
});

/** The items of one window, one a partition, for whoever writes them together with something else. */
export const windowItems = ({ id, startMs, partitions }: TelemetryWindow): readonly Item[] =>
	[...partitions].map(([partition, window]) => ({
		...keyOf(partition, `${timeKey(startMs)}#${id}`),
		window: JSON.stringify(window),
		[KEY.expiry]: expiresAt(startMs),
	}));

/** Sorts by time. */
const timeKey = (ms: number): string => `W#${new Date(ms).toISOString()}`;
const expiresAt = (ms: number): number => Math.floor(ms / 1000) + WINDOW_TTL_SECONDS;

async function read(table: Table, partition: PartitionId, sinceMs: number, untilMs: number): Promise<Evidence> {
	const items = await queryAll(table, {
		KeyConditionExpression: "#pk = :pk AND #sk BETWEEN :from AND :to",
		ExpressionAttributeNames: { "#pk": KEY.partitionKey, "#sk": KEY.sortKey },
		// a record may be counted late, in a window after its own: nothing bounds that but the newest
		ExpressionAttributeValues: { ":pk": partition, ":from": timeKey(Math.max(0, sinceMs - MAX_WINDOW_MS)), ":to": "W#~" },
	});
	const inside = (startMs: number): boolean => startMs >= sinceMs && startMs <= untilMs;
	const windows = items.flatMap(toWindow);
	const slices = windows.flatMap((window) => Object.entries(window.slices)).filter(([start]) => inside(Number(start)));
	return {
		slices: slices.map(([, slice]) => slice),
		viewers: sumUp(windows.filter((window) => Object.keys(window.slices).some((start) => inside(Number(start)))).map((w) => w.viewers)),
		divergences: sumUp(items.filter((item) => item["n"] !== undefined && inside(Number(item["atMs"]))).map(toDivergence)),
	};
}

const toWindow = (item: Item): readonly PartitionWindow[] =>
	item["window"] === undefined ? [] : [partitionWindowSchema.parse(JSON.parse(String(item["window"])))];

const toDivergence = (item: Item): Record<string, number> => ({ [String(item["region"])]: Number(item["n"]) });

function sumUp(counts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
	const sum: Record<string, number> = {};
	for (const [key, count] of counts.flatMap((one) => Object.entries(one))) sum[key] = (sum[key] ?? 0) + count;
	return sum;
}

async function readSize(table: Table, partition: PartitionId): Promise<PartitionSize | undefined> {
	const command = new GetCommand({ TableName: table.tableName, Key: keyOf(partition, SIZE), ConsistentRead: true });
	const { Item: item } = await repeatable(table, "GetItem", () => table.client.send(command));
	return item === undefined ? undefined : sizeSchema.parse(item);
}

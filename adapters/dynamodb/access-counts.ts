import { TransactWriteCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { chunksOf, getMany, type Item, keyOf, putMany, type Table } from "#adapters/dynamodb/batches.ts";
import { windowItems } from "#adapters/dynamodb/partition-states.ts";
import { queryAll } from "#adapters/dynamodb/query-all.ts";
import { AmbiguousConditionError, repeatable } from "#adapters/dynamodb/retry.ts";
import { classifyFailure, conditionFailedAt, Failure } from "#adapters/dynamodb/translate-error.ts";
import { partitionId } from "#domain/partition/partition-id.ts";
import type { AccessCounts } from "#domain/ports/access-counts.ts";
import type { HourCount } from "#domain/prediction/feature-state.ts";
import { HOUR_MS, hourIso, hourOf, reportHourOf } from "#domain/prediction/hours.ts";
import { shardOf } from "#domain/prediction/shard.ts";
import type { WindowTotal } from "#domain/prediction/window-counts.ts";
import { KEY } from "#infra/description/tables.ts";

/** Counts of one transaction: with its marker below the 100 actions that DynamoDB takes. */
const COUNTS_PER_TRANSACTION = 90;
/** Counts outlive a year, for training. Markers outlive redelivery: the stream keeps records for a day, an event source mapping retries for a week at most. */
const COUNT_TTL_SECONDS = 400 * 24 * 3600;
const MARKER_TTL_SECONDS = 8 * 24 * 3600;
const SHARDS_OF_HOUR = "shards";

/** What one transaction takes. */
const MAX_TRANSACTION = 100;

/** The telemetry table, and the state table beside it for those who write. @see ARCHITECTURE.md for its keys */
export function createAccessCounts(table: Table, stateTable?: string): AccessCounts {
	const marked = new Set<string>();
	return {
		addOnce: async (windowId, totals, nowMs, states) => {
			const puts =
				states === undefined || stateTable === undefined ? [] : windowItems(states).map((Item) => ({ TableName: stateTable, Item }));
			const fits = totals.length <= COUNTS_PER_TRANSACTION && 1 + totals.length + puts.length <= MAX_TRANSACTION;
			// before the counts: a repetition meets their marker, and writes these again only where they are on their own
			if (!fits && stateTable !== undefined)
				await putMany(
					{ ...table, tableName: stateTable },
					puts.map(({ Item }) => Item),
				);
			await addOnce(table, marked, windowId, totals, nowMs, fits ? puts : []);
		},
		reportedShards: (fromHour, throughHour) => reportedShards(table, fromHour, throughHour),
		readHour: (reportHour, shard) => readHour(table, reportHour, shard),
	};
}

/** An item of another table to be put in the same transaction. */
interface Put {
	readonly TableName: string;
	readonly Item: Item;
}

async function addOnce(
	table: Table,
	marked: Set<string>,
	windowId: string,
	totals: readonly WindowTotal[],
	nowMs: number,
	puts: readonly Put[],
): Promise<void> {
	const counts = totals.map((total) => toCount(total, nowMs));
	// before the counts: a mark without counts costs a reader one empty query, counts without a mark would never be read
	await markShards(table, marked, counts);
	// the parts depend on the totals alone, so that a repetition meets the markers of the parts that were written
	for (const [index, part] of chunksOf(counts, COUNTS_PER_TRANSACTION).entries())
		await addPart(table, `${windowId}#${index}`, part, nowMs, puts);
}

const toCount = (total: WindowTotal, nowMs: number): HourCount => ({ ...total, reportHour: reportHourOf(total.hour, nowMs) });

const pkOf = (hour: number, shard: number): string => `C#${hourIso(hour)}#${shard}`;

/** Stragglers carry their own hour, because the hour of the key is the one they are reported with. */
function skOf({ partition, region, segment, hour, reportHour }: HourCount): string {
	const own = `${partition}#${region}#${encodeURIComponent(segment)}`;
	return hour === reportHour ? own : `${own}#${hourIso(hour)}`;
}

async function markShards(table: Table, marked: Set<string>, counts: readonly HourCount[]): Promise<void> {
	const wanted = new Map<number, Set<number>>();
	for (const { reportHour, partition } of counts) {
		const shard = shardOf(partitionId(partition));
		if (marked.has(`${reportHour}#${shard}`)) continue;
		wanted.set(reportHour, (wanted.get(reportHour) ?? new Set()).add(shard));
	}
	await Promise.all([...wanted].map(([hour, shards]) => markHour(table, hour, shards)));
	if (marked.size > 1000) marked.clear();
	for (const [hour, shards] of wanted) for (const shard of shards) marked.add(`${hour}#${shard}`);
}

async function markHour(table: Table, hour: number, shards: ReadonlySet<number>): Promise<void> {
	const update = new UpdateCommand({
		TableName: table.tableName,
		Key: keyOf(`C#${hourIso(hour)}`, SHARDS_OF_HOUR),
		UpdateExpression: "ADD #shards :shards SET #expiresAt = :expiresAt",
		ExpressionAttributeNames: { "#shards": "shards", "#expiresAt": KEY.expiry },
		ExpressionAttributeValues: { ":shards": shards, ":expiresAt": (hour * HOUR_MS) / 1000 + COUNT_TTL_SECONDS },
	});
	await repeatable(table, "UpdateItem", () => table.client.send(update));
}

/** Adds one part and its marker in one transaction; a marker that is there means that the part is too. */
async function addPart(table: Table, markerId: string, part: readonly HourCount[], nowMs: number, puts: readonly Put[]): Promise<void> {
	const marker = {
		Put: {
			TableName: table.tableName,
			Item: { ...keyOf(`M#${markerId}`, "marker"), [KEY.expiry]: Math.floor(nowMs / 1000) + MARKER_TTL_SECONDS },
			ConditionExpression: "attribute_not_exists(#pk)",
			ExpressionAttributeNames: { "#pk": KEY.partitionKey },
		},
	};
	const additions = part.map((count) => addition(table, count));
	const command = new TransactWriteCommand({
		TransactItems: [marker, ...additions, ...puts.map((Put) => ({ Put: { ...Put, Item: { ...Put.Item } } }))],
	});
	try {
		await repeatable(table, "TransactWriteItems", () => table.client.send(command));
	} catch (error) {
		const condition = error instanceof AmbiguousConditionError ? error.condition : error;
		if (classifyFailure(condition) !== Failure.Condition || !conditionFailedAt(condition, 0)) throw error;
	}
}

const addition = (table: Table, count: HourCount) => ({
	Update: {
		TableName: table.tableName,
		Key: keyOf(pkOf(count.reportHour, shardOf(partitionId(count.partition))), skOf(count)),
		UpdateExpression: "ADD #n :n SET #expiresAt = :expiresAt",
		ExpressionAttributeNames: { "#n": "n", "#expiresAt": KEY.expiry },
		ExpressionAttributeValues: { ":n": count.count, ":expiresAt": (count.hour * HOUR_MS) / 1000 + COUNT_TTL_SECONDS },
	},
});

async function reportedShards(table: Table, fromHour: number, throughHour: number) {
	const hours = Array.from({ length: Math.max(0, throughHour - fromHour + 1) }, (_, index) => fromHour + index);
	const items = await getMany(
		table,
		hours.map((hour) => keyOf(`C#${hourIso(hour)}`, SHARDS_OF_HOUR)),
	);
	return items.map(toReportedShards).sort((a, b) => a.hour - b.hour);
}

const toReportedShards = (item: Item) => ({
	hour: hourOf(Date.parse(String(item[KEY.partitionKey]).slice(2))),
	shards: [...(item["shards"] as Set<number>)].sort((a, b) => a - b),
});

async function readHour(table: Table, reportHour: number, shard: number): Promise<readonly HourCount[]> {
	const items = await queryAll(table, {
		KeyConditionExpression: "#pk = :pk",
		ExpressionAttributeNames: { "#pk": KEY.partitionKey },
		ExpressionAttributeValues: { ":pk": pkOf(reportHour, shard) },
	});
	return items.map((item) => fromItem(item, reportHour));
}

function fromItem(item: Item, reportHour: number): HourCount {
	const [partition = "", region = "", segment = "", own] = String(item[KEY.sortKey]).split("#");
	const hour = own === undefined ? reportHour : hourOf(Date.parse(own));
	return { partition, region, segment: decodeURIComponent(segment), hour, reportHour, count: Number(item["n"]) };
}

import { GetCommand, PutCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import { type Item, keyOf, type Table } from "#adapters/dynamodb/batches.ts";
import { repeatable } from "#adapters/dynamodb/retry.ts";
import { type Orphan, orphanSchema, walksSchema } from "#domain/orphans/orphan.ts";
import type { OrphanStore } from "#domain/ports/orphan-store.ts";
import { OperatingError } from "#domain/shared/errors.ts";
import { KEY } from "#infra/description/tables.ts";

/** No partition is named so: `#` is not among the characters of a partition. */
const ORPHANS = "#orphans";
const WALKS = "#orphan-walks";
/** Reports outlive several walks. */
const REPORT_TTL_SECONDS = 60 * 24 * 3600;

/** Reports of orphans beside the decisions, for both say why a copy is where it is. @see ARCHITECTURE.md for the keys */
export const createOrphanStore = (table: Table): OrphanStore => ({
	async readWalks() {
		const item = await get(table, keyOf(WALKS, "state"));
		return item === undefined ? {} : walksSchema.parse(JSON.parse(String(item["walks"])));
	},
	writeWalks: (walks) => put(table, { ...keyOf(WALKS, "state"), walks: JSON.stringify(walks) }),
	async find(region, partition) {
		const item = await get(table, keyOf(ORPHANS, `${region}#${partition}`));
		return item === undefined ? undefined : decode(item);
	},
	put: (orphan) => put(table, encode(orphan)),
	async list({ cursor, limit }) {
		const command = new QueryCommand({
			TableName: table.tableName,
			Limit: limit,
			ConsistentRead: true,
			KeyConditionExpression: "#pk = :pk",
			ExpressionAttributeNames: { "#pk": KEY.partitionKey },
			ExpressionAttributeValues: { ":pk": ORPHANS },
			...(cursor === undefined ? {} : { ExclusiveStartKey: keyOf(ORPHANS, decodeCursor(cursor)) }),
		});
		const { Items = [], LastEvaluatedKey } = await repeatable(table, "Query", () => table.client.send(command));
		const orphans = Items.map(decode);
		return LastEvaluatedKey === undefined ? { orphans } : { orphans, cursor: encodeCursor(String(LastEvaluatedKey[KEY.sortKey])) };
	},
});

const encode = (orphan: Orphan): Item => ({
	...keyOf(ORPHANS, `${orphan.region}#${orphan.partition}`),
	orphan: JSON.stringify(orphan),
	[KEY.expiry]: Math.floor(orphan.lastSeenAtMs / 1000) + REPORT_TTL_SECONDS,
});

const decode = (item: Item): Orphan => orphanSchema.parse(JSON.parse(String(item["orphan"])));

async function get(table: Table, key: ReturnType<typeof keyOf>): Promise<Item | undefined> {
	const command = new GetCommand({ TableName: table.tableName, Key: key, ConsistentRead: true });
	return (await repeatable(table, "GetItem", () => table.client.send(command))).Item;
}

async function put(table: Table, item: Item): Promise<void> {
	const command = new PutCommand({ TableName: table.tableName, Item: { ...item } });
	await repeatable(table, "PutItem", () => table.client.send(command));
}

const encodeCursor = (sortKey: string): string => Buffer.from(sortKey).toString("base64url");

function decodeCursor(cursor: string): string {
	const sortKey = Buffer.from(cursor, "base64url").toString();
	if (/^[a-z0-9-]+#[A-Za-z0-9._~:-]{1,128}$/.test(sortKey)) return sortKey;
	throw new OperatingError("the cursor is not one that an earlier page gave", { code: "cursor.invalid", retryable: false });
}

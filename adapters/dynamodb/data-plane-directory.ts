import { type DynamoDBClient, QueryCommand } from "@aws-sdk/client-dynamodb";
import { DATA_PLANES_KEY } from "#adapters/dynamodb/data-plane-key.ts";
import { callsTo } from "#adapters/dynamodb/versioned-records.ts";
import type { Clock } from "#domain/ports/clock.ts";
import type { DataPlaneDirectory } from "#domain/ports/data-plane-directory.ts";
import { KEY } from "#infra/description/tables.ts";

/** One copy of the metadata table. The plain client: the edge's bundle has no room for another. */
export interface DirectoryTable {
	readonly client: DynamoDBClient;
	readonly tableName: string;
}

/** A URL changes only when a function is deleted, so what is known is used for this long, in ms. */
const FRESH_MS = 60_000;
/** A region that is not known yet is looked for again after this time, in ms. */
const UNKNOWN_MS = 2_000;

interface Known {
	readonly urls: Readonly<Record<string, string>>;
	readonly readAtMs: number;
}

/**
 * The directory in the nearest copy of the metadata table, kept for a minute. What was learned once is used for as long as the table cannot
 * be reached.
 */
export function createDataPlaneDirectory(table: DirectoryTable, clock: Pick<Clock, "nowMs">): DataPlaneDirectory {
	let known: Known | undefined;
	let reading: Promise<Known> | undefined;

	const refresh = async (): Promise<Known> => {
		reading ??= readAll(table).then((urls) => ({ urls, readAtMs: clock.nowMs() }));
		try {
			known = await reading;
			return known;
		} catch (error) {
			if (known === undefined) throw error;
			known = { ...known, readAtMs: clock.nowMs() };
			return known;
		} finally {
			reading = undefined;
		}
	};
	const fresh = (forMs: number): Known | undefined => (known !== undefined && clock.nowMs() - known.readAtMs < forMs ? known : undefined);

	return {
		urlOf: async (region) => fresh(FRESH_MS)?.urls[region] ?? (fresh(UNKNOWN_MS) ?? (await refresh())).urls[region],
		all: async () => (fresh(FRESH_MS) ?? (await refresh())).urls,
	};
}

const calls = callsTo("the metadata table", "metadata.unavailable");

async function readAll({ client, tableName }: DirectoryTable): Promise<Record<string, string>> {
	const { Items = [] } = await calls(() =>
		client.send(
			new QueryCommand({
				TableName: tableName,
				KeyConditionExpression: "#pk = :pk",
				ExpressionAttributeNames: { "#pk": KEY.partitionKey },
				ExpressionAttributeValues: { ":pk": { S: DATA_PLANES_KEY } },
			}),
		),
	);
	return Object.fromEntries(Items.map((item) => [item[KEY.sortKey]?.S ?? "", item["url"]?.S ?? ""]));
}

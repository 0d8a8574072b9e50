import type { RegionId } from "#domain/geography/region-id.ts";
import { KEY, TABLES, type TableDescription, tableName } from "#infra/description/tables.ts";
import type { EngineClient } from "#local/engines/engine-client.ts";

export interface TablePlacement {
	readonly stage: string;
	readonly controlRegion: RegionId;
}

/** The tables that `region` holds. */
export const tablesOf = (region: RegionId, { controlRegion }: TablePlacement): readonly TableDescription[] =>
	TABLES.filter((table) => table.placement !== "control" || region === controlRegion);

/** Creates the tables that `region` lacks. Idempotent. @throws EngineRefusedError, EngineLostError */
export async function createTables(client: EngineClient, region: RegionId, placement: TablePlacement): Promise<void> {
	const { TableNames } = await client.json<{ TableNames: string[] }>(region, "DynamoDB_20120810.ListTables", {});
	const missing = tablesOf(region, placement).filter((table) => !TableNames.includes(tableName(placement.stage, table.name)));
	for (const table of missing) {
		const name = tableName(placement.stage, table.name);
		await client.json(region, "DynamoDB_20120810.CreateTable", createTableInput(name, table));
		await client.json(region, "DynamoDB_20120810.UpdateTimeToLive", {
			TableName: name,
			TimeToLiveSpecification: { Enabled: true, AttributeName: KEY.expiry },
		});
	}
}

/** The description as the input of CreateTable: on demand, every key a string. */
export function createTableInput(name: string, table: TableDescription): Record<string, unknown> {
	const indexes = table.indexes ?? [];
	const attributes = new Set<string>([KEY.partitionKey, KEY.sortKey, ...indexes.flatMap((index) => [index.partitionKey, index.sortKey])]);
	return {
		TableName: name,
		BillingMode: "PAY_PER_REQUEST",
		AttributeDefinitions: [...attributes].map((attribute) => ({ AttributeName: attribute, AttributeType: "S" })),
		KeySchema: keySchema(KEY.partitionKey, KEY.sortKey),
		...(table.stream === undefined ? {} : { StreamSpecification: { StreamEnabled: true, StreamViewType: table.stream } }),
		...(indexes.length === 0
			? {}
			: {
					GlobalSecondaryIndexes: indexes.map((index) => ({
						IndexName: index.name,
						KeySchema: keySchema(index.partitionKey, index.sortKey),
						Projection: { ProjectionType: "ALL" },
					})),
				}),
	};
}

const keySchema = (partitionKey: string, sortKey: string): Record<string, string>[] => [
	{ AttributeName: partitionKey, KeyType: "HASH" },
	{ AttributeName: sortKey, KeyType: "RANGE" },
];

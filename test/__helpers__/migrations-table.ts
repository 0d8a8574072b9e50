import { CreateTableCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KEY, TABLES, TableName } from "#infra/description/tables.ts";

/** Creates a table named `migrations` with its index, as the description has it. */
export async function createMigrationsTable(client: DynamoDBClient): Promise<void> {
	const index = TABLES.find(({ name }) => name === TableName.Migrations)?.indexes?.[0];
	if (index === undefined) throw new Error("no index");
	const key = (partitionKey: string, sortKey: string) => [
		{ AttributeName: partitionKey, KeyType: "HASH" as const },
		{ AttributeName: sortKey, KeyType: "RANGE" as const },
	];
	await client.send(
		new CreateTableCommand({
			TableName: "migrations",
			BillingMode: "PAY_PER_REQUEST",
			AttributeDefinitions: [KEY.partitionKey, KEY.sortKey, index.partitionKey, index.sortKey].map((name) => ({
				AttributeName: name,
				AttributeType: "S" as const,
			})),
			KeySchema: key(KEY.partitionKey, KEY.sortKey),
			GlobalSecondaryIndexes: [
				{ IndexName: index.name, KeySchema: key(index.partitionKey, index.sortKey), Projection: { ProjectionType: "ALL" } },
			],
		}),
	);
}

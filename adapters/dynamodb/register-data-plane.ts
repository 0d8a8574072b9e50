import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { DeleteCommand, type DynamoDBDocumentClient, PutCommand } from "@aws-sdk/lib-dynamodb";
import { dataPlaneKey } from "#adapters/dynamodb/data-plane-key.ts";
import { callsTo } from "#adapters/dynamodb/versioned-records.ts";
import type { RegionId } from "#domain/geography/region-id.ts";

/** The control region's copy of the metadata table. */
export interface ControlTable {
	readonly client: DynamoDBDocumentClient;
	readonly tableName: string;
}

const calls = callsTo("the metadata table", "metadata.unavailable");

/** Writes where a region's data plane is. @throws UnavailableError */
export async function registerDataPlane({ client, tableName }: ControlTable, region: RegionId, url: string): Promise<void> {
	await calls(() => client.send(new PutCommand({ TableName: tableName, Item: { ...dataPlaneKey(region), url } })));
}

/** Takes a region's entry away if it still has this URL. @throws UnavailableError */
export async function withdrawDataPlane({ client, tableName }: ControlTable, region: RegionId, url: string): Promise<void> {
	const condition = {
		ConditionExpression: "#url = :url",
		ExpressionAttributeNames: { "#url": "url" },
		ExpressionAttributeValues: { ":url": url },
	};
	try {
		await calls(() => client.send(new DeleteCommand({ TableName: tableName, Key: dataPlaneKey(region), ...condition })));
	} catch (error) {
		if (!(error instanceof ConditionalCheckFailedException)) throw error;
	}
}

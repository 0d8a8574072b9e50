import { type DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { createDynamoClient } from "#adapters/dynamodb/client.ts";
import { classifyFailure, Failure } from "#adapters/dynamodb/translate-error.ts";
import type { RegionId } from "#domain/geography/region-id.ts";
import type { Clock } from "#domain/ports/clock.ts";
import { KEY } from "#infra/description/tables.ts";

export interface RegionProbeOptions {
	/** The data table. */
	readonly tableName: string;
	readonly clock: Pick<Clock, "nowMs">;
	/** Must make one attempt a call. @default createDynamoClient */
	readonly clientFor?: (region: RegionId) => DynamoDBClient;
}

/** Asks a region's data table for an item that cannot be, once: whether it answers, and in how many ms. */
export function createRegionProbe({ tableName, clock, clientFor = createDynamoClient }: RegionProbeOptions) {
	const clients = new Map<RegionId, DynamoDBClient>();
	return async (region: RegionId): Promise<{ reachable: true; answerMs: number } | { reachable: false }> => {
		const client = clients.get(region) ?? clientFor(region);
		clients.set(region, client);
		const startedMs = clock.nowMs();
		const key = { [KEY.partitionKey]: { S: "#probe" }, [KEY.sortKey]: { S: "#" } };
		try {
			await client.send(new GetItemCommand({ TableName: tableName, Key: key, ConsistentRead: true }));
			return { reachable: true, answerMs: clock.nowMs() - startedMs };
		} catch (error) {
			if (classifyFailure(error) === Failure.Defect) throw error;
			return { reachable: false };
		}
	};
}

import { type DynamoDBClient, QueryCommand, type QueryCommandInput } from "@aws-sdk/client-dynamodb";
import { createDynamoClient } from "#adapters/dynamodb/client.ts";
import { bucketKey, ITEM_PREFIX } from "#adapters/dynamodb/regional-store/table-context.ts";
import { type RetryPolicy, repeatable } from "#adapters/dynamodb/retry.ts";
import type { RegionId } from "#domain/geography/region-id.ts";
import { type BucketRef, bucketsOf, type PartitionId } from "#domain/partition/partition-id.ts";
import type { PartitionSize } from "#domain/partition-state/state.ts";
import { KEY } from "#infra/description/tables.ts";

/** Pages of 1 MB that are counted in a bucket; a larger partition is not measured this way. */
const MAX_PAGES = 16;
/** An eventually consistent read of so many bytes consumes one unit. */
const BYTES_PER_UNIT = 8192;

export interface MeasureCopyOptions extends RetryPolicy {
	readonly tableName: string;
	/** @default a client of the region */
	readonly clientFor?: (region: RegionId) => DynamoDBClient;
}

/**
 * Counts the items of a copy, tombstones included, without reading them, and takes their bytes from what the reading consumed: rounded
 * up to 8 KiB a page. Undefined for a copy of more than 16 pages a bucket.
 *
 * The function returned throws UnavailableError; retrying is safe.
 */
export function createMeasureCopy(options: MeasureCopyOptions) {
	const { clientFor = createDynamoClient } = options;
	const clients = new Map<RegionId, DynamoDBClient>();
	return async (region: RegionId, partition: PartitionId, buckets: number): Promise<PartitionSize | undefined> => {
		const client = clients.get(region) ?? clientFor(region);
		clients.set(region, client);
		const parts = await Promise.all(bucketsOf(partition, buckets).map((ref) => measureBucket(options, client, ref)));
		if (parts.includes(undefined)) return undefined;
		const items = parts.reduce((sum, part) => sum + (part?.items ?? 0), 0);
		const bytes = parts.reduce((sum, part) => sum + (part?.bytes ?? 0), 0);
		return { items, bytes, measuredAtMs: options.clock.nowMs() };
	};
}

async function measureBucket(options: MeasureCopyOptions, client: DynamoDBClient, ref: BucketRef) {
	let [items, bytes] = [0, 0];
	let start: QueryCommandInput["ExclusiveStartKey"];
	for (let page = 0; page < MAX_PAGES; page++) {
		const query = new QueryCommand({
			TableName: options.tableName,
			Select: "COUNT",
			ReturnConsumedCapacity: "TOTAL",
			KeyConditionExpression: "#pk = :pk AND begins_with(#sk, :items)",
			ExpressionAttributeNames: { "#pk": KEY.partitionKey, "#sk": KEY.sortKey },
			ExpressionAttributeValues: { ":pk": { S: bucketKey(ref) }, ":items": { S: ITEM_PREFIX } },
			ExclusiveStartKey: start,
		});
		const answer = await repeatable(options, "Query", () => client.send(query));
		items += answer.Count ?? 0;
		// an empty page costs what the smallest one does
		if ((answer.Count ?? 0) > 0) bytes += (answer.ConsumedCapacity?.CapacityUnits ?? 0) * BYTES_PER_UNIT;
		start = answer.LastEvaluatedKey;
		if (start === undefined) return { items, bytes };
	}
	return undefined;
}

import { type DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import { createDynamoClient } from "#adapters/dynamodb/client.ts";
import { type RetryPolicy, repeatable } from "#adapters/dynamodb/retry.ts";
import type { RegionId } from "#domain/geography/region-id.ts";
import { type BucketRef, isPartitionId } from "#domain/partition/partition-id.ts";
import type { BucketScanner } from "#domain/ports/bucket-scanner.ts";
import { KEY } from "#infra/description/tables.ts";

export interface BucketScannerOptions extends RetryPolicy {
	/** The data table. */
	readonly tableName: string;
	/** Must make one attempt a call. @default createDynamoClient */
	readonly clientFor?: (region: RegionId) => DynamoDBClient;
}

/** Beyond every sort key: U+10FFFF is the greatest code point. */
const END_OF_BUCKET = "\u{10FFFF}";

/**
 * Scans keys, and from the last bucket of a page goes on behind all its rows: a bucket of a million items costs one page. The cursor is
 * that bucket's partition key.
 */
export function createBucketScanner({ tableName, clientFor = createDynamoClient, ...policy }: BucketScannerOptions): BucketScanner {
	const clients = new Map<RegionId, DynamoDBClient>();
	return async (region, { after, limit }) => {
		const client = clients.get(region) ?? clientFor(region);
		clients.set(region, client);
		const start =
			after === undefined ? {} : { ExclusiveStartKey: { [KEY.partitionKey]: { S: after }, [KEY.sortKey]: { S: END_OF_BUCKET } } };
		const command = new ScanCommand({
			TableName: tableName,
			Limit: limit,
			ProjectionExpression: "#pk",
			ExpressionAttributeNames: { "#pk": KEY.partitionKey },
			...start,
		});
		const { Items = [], LastEvaluatedKey } = await repeatable(policy, "a scan of buckets", () => client.send(command));
		const keys = [...new Set(Items.map((row) => row[KEY.partitionKey]?.S ?? ""))];
		const buckets = keys.map(parseBucketKey).filter((ref) => ref !== undefined);
		const last = LastEvaluatedKey?.[KEY.partitionKey]?.S;
		return last === undefined ? { buckets } : { buckets, next: last };
	};
}

/** `<partition>#<bucket>`; undefined for a row that is no bucket's. */
function parseBucketKey(key: string): BucketRef | undefined {
	const mark = key.lastIndexOf("#");
	const partition = key.slice(0, mark);
	const bucket = Number(key.slice(mark + 1));
	return mark > 0 && isPartitionId(partition) && Number.isInteger(bucket) ? { partition, bucket } : undefined;
}

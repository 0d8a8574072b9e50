import type { AttributeValue, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { RetryPolicy } from "#adapters/dynamodb/retry.ts";
import type { BucketRef } from "#domain/partition/partition-id.ts";
import { KEY } from "#infra/description/tables.ts";

/** What every operation on one region's data table needs. */
export interface TableContext extends RetryPolicy {
	readonly client: DynamoDBClient;
	readonly tableName: string;
}

/** A row as the engine speaks it. */
export type Row = Record<string, AttributeValue>;

/** Sort keys of a bucket: its fence, its items and its journal lie under one partition key, so one transaction reaches them. */
export const FENCE_SORT_KEY = "fence";
export const ITEM_PREFIX = "item#";
export const JOURNAL_PREFIX = "journal#";
export const LOST_PREFIX = "lost#";
/** Parked keys lie directly behind the fence: one query of two rows reads the fence and whether there are any. */
export const PARKED_PREFIX = `${FENCE_SORT_KEY}#owed#`;

/** The partition key of a bucket; `#` cannot occur in a partition's name. */
export const bucketKey = ({ partition, bucket }: BucketRef): string => `${partition}#${bucket}`;

export const rowKey = (ref: BucketRef, sortKey: string): Row => ({
	[KEY.partitionKey]: { S: bucketKey(ref) },
	[KEY.sortKey]: { S: sortKey },
});

export const fenceKey = (ref: BucketRef): Row => rowKey(ref, FENCE_SORT_KEY);
export const itemKey = (ref: BucketRef, key: string): Row => rowKey(ref, ITEM_PREFIX + key);
export const journalKey = (ref: BucketRef, key: string): Row => rowKey(ref, JOURNAL_PREFIX + key);

/** A number attribute. */
export const num = (value: number): AttributeValue => ({ N: String(value) });

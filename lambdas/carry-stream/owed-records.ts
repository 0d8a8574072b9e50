import type { DynamoDBBatchResponse, DynamoDBRecord } from "aws-lambda";
import { parseItemKeys } from "#adapters/dynamodb/regional-store/codec.ts";
import type { OwedKeys } from "#domain/partition/carry-keys.ts";
import { isPartitionId } from "#domain/partition/partition-id.ts";

/** The keys of a bucket in a batch, each with the sequence number of its first record. */
export interface BucketRecords extends Pick<OwedKeys, "ref"> {
	readonly firstSequence: ReadonlyMap<string, string>;
	/** When the last of its records was appended, rounded down to seconds, in ms since the Unix epoch; undefined where the stream does not say. */
	readonly lastCreatedMs: number | undefined;
}

/** Groups a batch by bucket and key. REMOVE records are ignored: only proof deletes items for good, on purpose and at one copy. */
export function bucketsInBatch(records: readonly DynamoDBRecord[]): readonly BucketRecords[] {
	const buckets = new Map<string, { ref: OwedKeys["ref"]; firstSequence: Map<string, string>; lastCreatedMs: number | undefined }>();
	for (const { eventName, dynamodb } of records) {
		const keys = eventName === "REMOVE" ? undefined : parseItemKeys(dynamodb?.Keys);
		const sequence = dynamodb?.SequenceNumber;
		const ref = keys === undefined ? undefined : parseBucketKey(keys.bucketKey);
		if (keys === undefined || ref === undefined || sequence === undefined) continue;
		const bucket = buckets.get(keys.bucketKey) ?? { ref, firstSequence: new Map<string, string>(), lastCreatedMs: undefined };
		const createdSeconds = dynamodb?.ApproximateCreationDateTime;
		bucket.lastCreatedMs = createdSeconds === undefined ? undefined : createdSeconds * 1000;
		buckets.set(keys.bucketKey, bucket);
		if (!bucket.firstSequence.has(keys.key)) bucket.firstSequence.set(keys.key, sequence);
	}
	return [...buckets.values()];
}

/** The answer to a batch: it comes again from the earliest record that is owed, and only from there. */
export function batchResponse(owedSequences: readonly string[]): DynamoDBBatchResponse {
	const [first] = owedSequences.toSorted((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1));
	return { batchItemFailures: first === undefined ? [] : [{ itemIdentifier: first }] };
}

function parseBucketKey(text: string): OwedKeys["ref"] | undefined {
	const [partition = "", bucket = ""] = text.split("#");
	return isPartitionId(partition) && /^\d{1,2}$/.test(bucket) ? { partition, bucket: Number(bucket) } : undefined;
}

import { createHash } from "node:crypto";
import type { DynamoDBRecord, DynamoDBStreamEvent } from "aws-lambda";
import type { RegionId } from "#domain/geography/region-id.ts";
import type { EngineRecord } from "#local/streams/stream-reader.ts";

export interface StreamOrigin {
	readonly region: RegionId;
	/** Full table name. */
	readonly table: string;
	readonly shard: string;
}

/**
 * The event that the Lambda service makes of stream records.
 *
 * @param nowMs of the clock: it stands for the time of the writes, which the engine takes from the machine
 */
export const streamEvent = (records: readonly EngineRecord[], origin: StreamOrigin, nowMs: number): DynamoDBStreamEvent => ({
	Records: records.map((record) => lambdaRecord(record, origin, nowMs)),
});

function lambdaRecord({ eventName, dynamodb }: EngineRecord, { region, table, shard }: StreamOrigin, nowMs: number): DynamoDBRecord {
	const identity = `${region} ${table} ${shard} ${dynamodb.SequenceNumber}`;
	return {
		eventID: createHash("sha256").update(identity).digest("hex").slice(0, 32),
		eventName: eventName as "INSERT" | "MODIFY" | "REMOVE",
		eventVersion: "1.1",
		eventSource: "aws:dynamodb",
		awsRegion: region,
		dynamodb: { ...dynamodb, ApproximateCreationDateTime: Math.floor(nowMs / 1000) } as NonNullable<DynamoDBRecord["dynamodb"]>,
		eventSourceARN: `arn:aws:dynamodb:${region}:000000000000:table/${table}/stream/local`,
	};
}

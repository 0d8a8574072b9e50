import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from "aws-lambda";
import { type CarryDeps, carryToPeers } from "#domain/partition/carry-keys.ts";
import { type BucketRecords, batchResponse, bucketsInBatch } from "#lambdas/carry-stream/owed-records.ts";
import type { ReportFeed } from "#lambdas/carry-stream/report-feed.ts";

export interface CarryBatchDeps extends CarryDeps {
	/** Told of every bucket that owes nothing. @default nobody is told */
	readonly report?: ReportFeed;
	/** One structured line. */
	readonly log: (line: Readonly<Record<string, unknown>>) => void;
}

/** Carries the records of one batch to the other copies; what could not be carried stays owed and comes again. */
export const createCarryBatch =
	(deps: CarryBatchDeps) =>
	async (event: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> => {
		const owed = await Promise.all(bucketsInBatch(event.Records).map((bucket) => carryOrOwe(deps, bucket)));
		return batchResponse(owed.flat());
	};

/** A defect in one bucket leaves that bucket's records owed, and takes nothing back of what the others' have come to. */
async function carryOrOwe(deps: CarryBatchDeps, bucket: BucketRecords): Promise<readonly string[]> {
	try {
		return await carryBucket(deps, bucket);
	} catch (error) {
		const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
		deps.log({ event: "carry-stream.defect", region: deps.region, ...bucket.ref, name, message, stack });
		return [...bucket.firstSequence.values()];
	}
}

/** Sequence numbers of the records that stay owed. */
async function carryBucket(deps: CarryBatchDeps, { ref, firstSequence, lastCreatedMs }: BucketRecords): Promise<readonly string[]> {
	const carried = await carryToPeers(deps, { ref, keys: [...firstSequence.keys()] });
	if (carried.owed.length > 0) deps.log({ event: "carry-stream.owed", region: deps.region, ...ref, count: carried.owed.length });
	else await deps.report?.(ref, carried, lastCreatedMs);
	return carried.owed.flatMap((key) => firstSequence.get(key) ?? []);
}

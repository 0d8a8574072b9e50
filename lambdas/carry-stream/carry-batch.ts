import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from "aws-lambda";
import { type CarryDeps, carryKeys } from "#domain/partition/carry-keys.ts";
import { type BucketRecords, batchResponse, bucketsInBatch } from "#lambdas/carry-stream/owed-records.ts";

export interface CarryBatchDeps extends CarryDeps {
	/** One structured line. */
	readonly log: (line: Readonly<Record<string, unknown>>) => void;
}

/** Carries the records of one batch to the other copies; what could not be carried stays owed and comes again. */
export const createCarryBatch =
	(deps: CarryBatchDeps) =>
	async (event: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> => {
		const owed = await Promise.all(bucketsInBatch(event.Records).map((bucket) => carryBucket(deps, bucket)));
		return batchResponse(owed.flat());
	};

/** Sequence numbers of the records that stay owed. */
async function carryBucket(deps: CarryBatchDeps, { ref, firstSequence }: BucketRecords): Promise<readonly string[]> {
	const owed = await carryKeys(deps, { ref, keys: [...firstSequence.keys()] });
	if (owed.length > 0) deps.log({ event: "carry-stream.owed", region: deps.region, ...ref, count: owed.length });
	return owed.flatMap((key) => firstSequence.get(key) ?? []);
}

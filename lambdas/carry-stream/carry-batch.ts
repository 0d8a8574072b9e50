import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from "aws-lambda";
import { type Carried, type CarryDeps, carryToPeers, type OwedKeys } from "#domain/partition/carry-keys.ts";
import { carryParked } from "#domain/partition/sweep-parked.ts";
import type { Clock } from "#domain/ports/clock.ts";
import type { ParkedKeys } from "#domain/ports/parked-keys.ts";
import { UnavailableError } from "#domain/shared/errors.ts";
import { type BucketRecords, batchResponse, bucketsInBatch } from "#lambdas/carry-stream/owed-records.ts";
import type { ReportFeed } from "#lambdas/carry-stream/report-feed.ts";

export interface CarryBatchDeps extends CarryDeps {
	/** Where this region keeps what it cannot carry. */
	readonly parked: ParkedKeys;
	readonly clock: Clock;
	/** Told of every bucket that owes nothing. @default nobody is told */
	readonly report?: ReportFeed;
	/** One structured line. */
	readonly log: (line: Readonly<Record<string, unknown>>) => void;
}

/** Tries before a key is parked, and the wait before the second, then doubled: a copy that learns of a new epoch within a second is waited for. */
const ATTEMPTS = 4;
const FIRST_WAIT_MS = 200;
/** Past this, in ms, no further try: one that took so long met a region that does not answer, and others wait for the shard. */
const PATIENCE_MS = 2_000;

/** Parked keys that a batch takes along: few, because other buckets wait for it. */
const TAKEN_ALONG = 10;

/**
 * Carries the records of one batch to the other copies. What cannot be carried is parked and counts as taken, so that it holds up nobody
 * else's records; only what cannot be parked either stays owed and comes again.
 */
export const createCarryBatch =
	(deps: CarryBatchDeps) =>
	async (event: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> => {
		const owed = await Promise.all(bucketsInBatch(event.Records).map((bucket) => carryOrPark(deps, bucket)));
		return batchResponse(owed.flat());
	};

/** Sequence numbers of the records that stay owed. A defect in one bucket parks that bucket's keys, and takes nothing back of the others. */
async function carryOrPark(deps: CarryBatchDeps, bucket: BucketRecords): Promise<readonly string[]> {
	let owed: readonly string[] = [...bucket.firstSequence.keys()];
	try {
		owed = await carryBucket(deps, bucket);
		if (owed.length === 0) return [];
		deps.log({ event: "carry-stream.parked", region: deps.region, ...bucket.ref, count: owed.length });
	} catch (error) {
		deps.log({ event: "carry-stream.defect", region: deps.region, ...bucket.ref, ...detailsOf(error) });
	}
	try {
		await deps.parked.park(bucket.ref, owed);
		return [];
	} catch (error) {
		deps.log({ event: "carry-stream.owed", region: deps.region, ...bucket.ref, count: owed.length, ...detailsOf(error) });
		return owed.flatMap((key) => bucket.firstSequence.get(key) ?? []);
	}
}

/** Keys of the bucket that some peer still lacks. */
async function carryBucket(deps: CarryBatchDeps, { ref, firstSequence, lastCreatedMs }: BucketRecords): Promise<readonly string[]> {
	const carried = await carryPatiently(deps, { ref, keys: [...firstSequence.keys()] });
	if (carried.owed.length > 0) return carried.owed;
	if (carried.parked === true) await takeParkedAlong(deps, ref);
	else await deps.report?.(ref, carried, lastCreatedMs);
	return [];
}

/** Tries a few times what may be over in a moment. A bucket that has parked keys is known for more than that. */
async function carryPatiently(deps: CarryBatchDeps, { ref, keys }: OwedKeys): Promise<Carried> {
	const untilMs = deps.clock.nowMs() + PATIENCE_MS;
	let carried = await carryToPeers(deps, { ref, keys });
	for (let tried = 1; carried.owed.length > 0 && carried.parked !== true && tried < ATTEMPTS; tried++) {
		const waitMs = FIRST_WAIT_MS * 2 ** (tried - 1);
		if (deps.clock.nowMs() + waitMs > untilMs) break;
		await deps.clock.sleep(waitMs);
		const again = await carryToPeers(deps, { ref, keys: carried.owed });
		carried = { ...again, ...earliestOf(carried.earliestWriteMs, again.earliestWriteMs) };
	}
	return carried;
}

const earliestOf = (a: number | undefined, b: number | undefined): Pick<Carried, "earliestWriteMs"> => ({
	earliestWriteMs: a === undefined ? b : Math.min(a, b ?? a),
});

/** The way is free again: a busy bucket need not wait for the next sweep. */
async function takeParkedAlong(deps: CarryBatchDeps, ref: OwedKeys["ref"]): Promise<void> {
	try {
		await carryParked({ ...deps, onDefect: () => undefined }, ref, { limit: TAKEN_ALONG });
	} catch (error) {
		if (!(error instanceof UnavailableError)) throw error;
	}
}

function detailsOf(error: unknown) {
	const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
	return { name, message, stack };
}

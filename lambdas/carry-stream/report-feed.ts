import type { RegionId } from "#domain/geography/region-id.ts";
import type { Carried } from "#domain/partition/carry-keys.ts";
import { FenceRole, WriteMode } from "#domain/partition/fence.ts";
import type { BucketRef } from "#domain/partition/partition-id.ts";
import type { FeedReports } from "#domain/ports/feed-reports.ts";
import { UnavailableError } from "#domain/shared/errors.ts";

/** Takes note that a bucket's records, the last of them appended at `lastCreatedMs`, have reached all its peers. */
export type ReportFeed = (ref: BucketRef, carried: Carried, lastCreatedMs: number | undefined) => Promise<void>;

/** Between two reports of a bucket by one carrier, in ms of what they say: one write unit a second and peer at most. Range 0..60,000. */
const REPORT_STEP_MS = 1_000;

/** Buckets a carrier remembers; one it has forgotten is reported again, once. */
const MAX_REMEMBERED = 10_000;

/**
 * Reports to the followers of a steady leader that no migration holds: while copies and leadership move, a former leader may owe what the
 * present one cannot know. A report that fails is left out, because the next one says more.
 */
export function createReportFeed(feedsOf: (region: RegionId) => Pick<FeedReports, "advance">): ReportFeed {
	const reported = new Map<string, number>();
	return async (ref, carried, lastCreatedMs) => {
		const throughMs = throughOf(carried, lastCreatedMs);
		if (throughMs === undefined) return;
		const id = `${ref.partition}#${ref.bucket}`;
		if (throughMs < (reported.get(id) ?? 0) + REPORT_STEP_MS) return;
		await Promise.all(carried.peers.map((peer) => unlessUnavailable(() => feedsOf(peer).advance(ref, throughMs))));
		remember(reported, id, throughMs);
	};
}

/**
 * Up to when everything that the leader had accepted has been carried, as far as its stream tells: the time of the last record, and not
 * later than the writes themselves, because a stream that hands records out late may date them late.
 */
function throughOf({ fence, peers, earliestWriteMs, parked }: Carried, lastCreatedMs: number | undefined): number | undefined {
	const settled = fence?.role === FenceRole.Leader && fence.mode === WriteMode.Steady && fence.migrationId === undefined;
	// What is parked is older than these records, and owed: nothing beyond it has been reached.
	if (!settled || parked === true || peers.length === 0 || earliestWriteMs === undefined || lastCreatedMs === undefined) return undefined;
	return Math.min(earliestWriteMs, lastCreatedMs);
}

function remember(reported: Map<string, number>, id: string, throughMs: number): void {
	reported.delete(id);
	reported.set(id, throughMs);
	const [oldest] = reported.keys();
	if (reported.size > MAX_REMEMBERED && oldest !== undefined) reported.delete(oldest);
}

async function unlessUnavailable(work: () => Promise<void>): Promise<void> {
	try {
		await work();
	} catch (error) {
		if (!(error instanceof UnavailableError)) throw error;
	}
}

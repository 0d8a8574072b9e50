import type { BucketRef } from "#domain/partition/partition-id.ts";

/** What the carriers of leaders have said about one region's copies. Every read is strongly consistent. Throws `UnavailableError`. */
export interface FeedReports {
	/** The latest `throughMs` that was reported for the bucket; undefined when nothing was, or too long ago to be kept. */
	read(ref: BucketRef): Promise<number | undefined>;
	/**
	 * The feed has reached this copy with everything up to `throughMs` (milliseconds since the Unix epoch, clock of the leader's region).
	 * An earlier report than the one that is kept changes nothing.
	 */
	advance(ref: BucketRef, throughMs: number): Promise<void>;
}

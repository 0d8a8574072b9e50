import type { BucketRef } from "#domain/partition/partition-id.ts";
import type { FeedReports } from "#domain/ports/feed-reports.ts";

/** One region's feed reports in memory. */
export class MemoryFeedReports implements FeedReports {
	readonly #through = new Map<string, number>();

	async read({ partition, bucket }: BucketRef): Promise<number | undefined> {
		return this.#through.get(`${partition}#${bucket}`);
	}

	async advance({ partition, bucket }: BucketRef, throughMs: number): Promise<void> {
		const id = `${partition}#${bucket}`;
		this.#through.set(id, Math.max(throughMs, this.#through.get(id) ?? 0));
	}
}

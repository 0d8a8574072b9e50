import type { RegionId } from "#domain/geography/region-id.ts";
import type { PartitionId } from "#domain/partition/partition-id.ts";
import type { Clock } from "#domain/ports/clock.ts";
import type { FeedReports } from "#domain/ports/feed-reports.ts";
import type { Forward } from "#domain/ports/forward.ts";
import type { MetadataStore } from "#domain/ports/metadata-store.ts";
import type { Random } from "#domain/ports/random.ts";
import type { RegionalStore } from "#domain/ports/regional-store.ts";
import type { AccessControl } from "#lambdas/serve-data/access.ts";
import type { Admission } from "#lambdas/serve-data/admission.ts";
import type { KnownCursorKeys } from "#lambdas/serve-data/cursor-keys.ts";
import type { FenceBook } from "#lambdas/serve-data/fence-book.ts";

/** What the data plane of one region needs. */
export interface DataPlaneDeps {
	readonly region: RegionId;
	readonly store: RegionalStore;
	readonly fences: FenceBook;
	/** Without it nothing is known of how far copies here have come, beside what their items tell. */
	readonly feeds?: Pick<FeedReports, "read">;
	/** Counts a canary read whose own copy was ahead of its leader's answer. */
	readonly reportDivergence?: (partition: PartitionId) => Promise<void>;
	readonly metadata: MetadataStore;
	/** The regions that may hold a partition of this name when it is created; undefined for any. @default any */
	readonly residency?: (partition: PartitionId) => readonly RegionId[] | undefined;
	readonly forward: Forward;
	readonly access: AccessControl;
	/** The secrets of the deployment that authenticate cursors. */
	readonly cursorKeys: KnownCursorKeys;
	/** Bounds what requests under way hold. @default no bound */
	readonly admission?: Admission;
	readonly clock: Clock;
	readonly random: Random;
	/** One structured line. */
	readonly log: (line: Readonly<Record<string, unknown>>) => void;
	/** Of one request: nothing is begun from then on, in milliseconds since the Unix epoch. @default no end */
	readonly notAfterMs?: number;
}

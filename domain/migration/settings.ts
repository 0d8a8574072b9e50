import type { AbortThresholds } from "#domain/migration/plan-schema.ts";
import type { CanaryStep } from "#domain/migration/request.ts";
import { GUARD_TTL_MS } from "#domain/partition/settings.ts";

/** What a migration does unless its request says otherwise. */
export interface MigrationSettings {
	/** Seconds after which no writer that believes in `steady` is alive: guardTtl + the data plane's hard timeout + margin. Range: at least their sum. */
	readonly quiesceSeconds: number;
	/** Seconds during which the old leader stays a complete follower. Default 900: a quarter of an hour of real traffic, looked at every minute. Range 0..86400. */
	readonly soakSeconds: number;
	/** Seconds between two carries of the new leader's journal; a word to roll back is heard at the next. Default 60. Range 1..3600. */
	readonly soakTickSeconds: number;
	/** Default: a tenth, then half of the clients, a minute each; longer where it takes longer to see enough requests. */
	readonly canary: readonly CanaryStep[];
	/** The strictest thresholds; a partition that has done worse by itself lately gets looser ones. */
	readonly abort: AbortThresholds;
	/** Unexplained differences that Verify repairs before it gives up. Default 10: more points to a defect, not to chance. Range 0..1000. */
	readonly maxRepairs: number;
}

/** The data plane's hard timeout in seconds; a test holds it against infra/description/functions.ts, which the domain may not import. */
export const DATA_PLANE_TIMEOUT_SECONDS = 10;
/** Covers the difference of clocks between a writer and this engine, and an answer under way. */
const QUIESCE_MARGIN_SECONDS = 3;

export const MIGRATION_SETTINGS: MigrationSettings = {
	quiesceSeconds: GUARD_TTL_MS / 1000 + DATA_PLANE_TIMEOUT_SECONDS + QUIESCE_MARGIN_SECONDS,
	soakSeconds: 900,
	soakTickSeconds: 60,
	canary: [
		{ weight: 0.1, holdSeconds: 60 },
		{ weight: 0.5, holdSeconds: 60 },
	],
	abort: { maxErrorShare: 0.01, maxDivergences: 0, maxLatencyRatio: 2, maxStalenessMs: 5_000 },
	maxRepairs: 10,
};

/** Looks at a soak, at most: a longer soak is looked at more rarely, for an execution has only so many events. */
export const MAX_SOAK_LOOKS = 300;
/** Ticks between two looks at a soak that a freeze holds, which may last as long as the execution. */
export const HOLD_TICKS = 5;
/** Seconds after which a stage that waits or copies looks again for a freeze or an operator's word. The default canary steps are no longer. */
export const LOOK_SECONDS = 60;
/**
 * After which what happened at the edge can be read from the state table: the batching window of the access records (a test holds it
 * against infra/description/event-sources.ts) and what delivery and writing take.
 */
export const EVIDENCE_DELAY_MS = 15_000;
/** Items or entries a page, 1..100: a page of the largest items stays below what one query returns anyway. */
export const PAGE_SIZE = 100;
/** Journal entries of one pass that Synchronize leaves to Cutover: their carrying is the pause. */
export const SHORT_JOURNAL = 25;
/** Passes over the journal before writes count as too fast to catch up with. */
export const MAX_JOURNAL_PASSES = 50;
/** Buckets worked on at once. Within a bucket items go one by one: parallel transactions would conflict on its fence. */
export const PARALLEL_BUCKETS = 8;
/** Entries of a journal read or removed at once: as long as a journal that is left to Cutover, whose pause they would add up to. */
export const PARALLEL_ENTRIES = 25;
/** Work of one invocation in ms, well below the stage functions' timeout of 300 s; what is left is done by the next one. */
export const STAGE_BUDGET_MS = 200_000;
/** Seconds that `moved` and `aborted` fences stay: seven days, longer than any cached route. */
export const FENCE_RETENTION_SECONDS = 7 * 24 * 3600;

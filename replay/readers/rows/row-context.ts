import type { Locator } from "#domain/geography/locate.ts";
import type { AccessRow } from "#replay/readers/access-row.ts";
import type { PartitionRule } from "#replay/readers/rows/partition-rule.ts";
import type { SkipReason } from "#replay/readers/skips.ts";

/** What records of a log are read against. */
export interface RowContext {
	readonly locate: Locator;
	/** Used by logs of requests; a log with a `partition` column needs none. */
	readonly partitionRule: PartitionRule;
	/** Inclusive. */
	readonly fromMs: number;
	/** Exclusive. */
	readonly toMs: number;
}

/** One record as a row, or why it cannot be used. Never throws, whatever the record holds. */
export type RowParser = (fields: readonly string[], line: number) => AccessRow | SkipReason;

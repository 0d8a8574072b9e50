import type { RegionId } from "#domain/geography/region-id.ts";
import { TableName } from "#infra/description/tables.ts";

/** A table stream that feeds a function, at least once and in order per item. */
export interface StreamMapping {
	readonly table: TableName;
	readonly function: string;
	/** Only records whose sort key begins so (an event filter pattern on AWS). */
	readonly sortKeyPrefix: string;
	readonly batchSize: number;
	/** `every-region`: the table's stream of each region; `control`: that of the control region alone. */
	readonly where: "every-region" | "control";
}

export const STREAM_MAPPINGS: readonly StreamMapping[] = [
	{ table: TableName.Data, function: "carry-stream", sortKeyPrefix: "item#", batchSize: 100, where: "every-region" },
	// the switches and every partition's record; the control region's stream has every write, for it alone is written to
	{ table: TableName.Metadata, function: "publish-changes", sortKeyPrefix: "record", batchSize: 90, where: "control" },
];

/** The mappings whose streams `region` reads. */
export const mappingsOf = (
	region: RegionId,
	controlRegion: RegionId,
	mappings: readonly StreamMapping[] = STREAM_MAPPINGS,
): readonly StreamMapping[] => mappings.filter(({ where }) => where === "every-region" || region === controlRegion);

export { REAL_TIME_LOG_FIELDS } from "#domain/prediction/real-time-log.ts";

/**
 * The Kinesis stream of access records and the function that counts them in tumbling windows. Inside a window it gets what has come in at
 * most `batchingWindowSeconds` later.
 */
export const ACCESS_LOG_MAPPING = {
	function: "count-accesses",
	tumblingWindowSeconds: 300,
	batchingWindowSeconds: 10,
	batchSize: 500,
} as const;

/** The Kinesis stream of access records. */
export const accessStreamName = (stage: string): string => `heliotrope-${stage}-accesses`;

import type { RegionId } from "#domain/geography/region-id.ts";
import { isPartitionId, type PartitionId } from "#domain/partition/partition-id.ts";

/** Where partitions with such names may have copies; the first rule that matches holds. */
export interface ResidencyRule {
	/** A partition's name, or the beginning of one followed by `*`; `*` alone matches all. */
	readonly partitions: string;
	readonly regions: readonly RegionId[];
}

const WILDCARD = "*";

/** Whether `text` is a partition's name or the beginning of one with a `*` at its end. */
export const isPartitionPattern = (text: string): boolean =>
	text.endsWith(WILDCARD) ? text === WILDCARD || isPartitionId(text.slice(0, -1)) : isPartitionId(text);

/** The regions that the rules allow a new partition; undefined where no rule matches: any. */
export const residencyFor = (rules: readonly ResidencyRule[], partition: PartitionId): readonly RegionId[] | undefined =>
	rules.find(({ partitions }) => matches(partitions, partition))?.regions;

const matches = (pattern: string, partition: string): boolean =>
	pattern.endsWith(WILDCARD) ? partition.startsWith(pattern.slice(0, -1)) : partition === pattern;

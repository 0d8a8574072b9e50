import { partitionByRule } from "#domain/prediction/access-record.ts";
import { DEFAULT_PARTITION_RULE, parsePartitionRule } from "#domain/routing/partition-rule.ts";

/** The partition of log records in a deployment without a rule of its own. */
export const dataApiPartition = partitionByRule(parsePartitionRule(DEFAULT_PARTITION_RULE));

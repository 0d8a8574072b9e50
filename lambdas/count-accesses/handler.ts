import { MetricUnit } from "@aws-lambda-powertools/metrics";
import { createAccessCounts } from "#adapters/dynamodb/access-counts.ts";
import { createDocumentClient } from "#adapters/dynamodb/client.ts";
import { createPartitionStates } from "#adapters/dynamodb/partition-states.ts";
import { createRttTable } from "#domain/geography/round-trip-time.ts";
import { partitionByRule } from "#domain/prediction/access-record.ts";
import { type CountWindowDeps, countWindow, type WindowAnswer } from "#lambdas/count-accesses/count-window.ts";
import { countAccessesEnv } from "#lambdas/count-accesses/env.ts";
import { LastServed } from "#lambdas/count-accesses/last-served.ts";
import { viewerLocator } from "#lambdas/count-accesses/viewer-locator.ts";
import { observed } from "#lambdas/shared/observed.ts";
import { runtime } from "#lambdas/shared/runtime.ts";

let connected: Omit<CountWindowDeps, "log" | "count"> | undefined;

/** Kinesis, tumbling windows: CloudFront real-time log records in, accesses per partition, region, segment and hour, and partition states out. */
export const handler = observed<unknown, WindowAnswer>("count-accesses", (event, { logger, metrics }) => {
	connected ??= connect();
	return countWindow(
		{
			...connected,
			log: (message, fields) => logger.warn(message, { ...fields }),
			count: (name, value) => void metrics.addMetric(name, MetricUnit.Count, value),
		},
		event,
	);
});

function connect(): Omit<CountWindowDeps, "log" | "count"> {
	const env = countAccessesEnv.parse(process.env);
	const { clock, random } = runtime();
	const client = createDocumentClient(env.AWS_REGION);
	const table = (tableName: string) => ({ client, tableName, clock, random });
	return {
		counts: createAccessCounts(table(env.TELEMETRY_TABLE), env.STATE_TABLE),
		states: createPartitionStates(table(env.STATE_TABLE)),
		lastServed: new LastServed(),
		locate: viewerLocator(env.REGIONS),
		partitionOf: partitionByRule(env.PARTITION_RULE),
		controlRegion: env.CONTROL_REGION,
		rttMs: createRttTable(env.REGIONS, env.RTT_MATRIX),
		clock,
	};
}

import { MetricUnit } from "@aws-lambda-powertools/metrics";
import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from "aws-lambda";
import { shareDynamoClients } from "#adapters/dynamodb/client.ts";
import { createFeedReportsOf, createParkedKeysOf, createRegionalStores } from "#adapters/dynamodb/dynamodb-regional-store.ts";
import { createCarryBatch } from "#lambdas/carry-stream/carry-batch.ts";
import { readEnv } from "#lambdas/carry-stream/env.ts";
import { createReportFeed } from "#lambdas/carry-stream/report-feed.ts";
import { observe, observed } from "#lambdas/shared/observed.ts";
import { runtime } from "#lambdas/shared/runtime.ts";

const observing = observe("carry-stream");
const env = readEnv(process.env);
const { clock, random } = runtime();
const options = { tableName: env.DATA_TABLE, clock, random, regions: env.REGIONS, clientFor: shareDynamoClients() };

const carry = createCarryBatch({
	stores: createRegionalStores(options),
	region: env.AWS_REGION,
	parked: createParkedKeysOf(options)(env.AWS_REGION),
	clock,
	report: createReportFeed(createFeedReportsOf(options)),
	log: observing.log,
});

/** Feeds followers from the data table's stream (KEYS_ONLY, sort keys `item#...`), with partial batch responses. */
export const handler = observed<DynamoDBStreamEvent, DynamoDBBatchResponse>(observing, async (event, { metrics }) => {
	const answer = await carry(event);
	metrics.addMetric("RecordsRead", MetricUnit.Count, event.Records.length);
	metrics.addMetric("RecordsOwed", MetricUnit.Count, answer.batchItemFailures.length);
	return answer;
});

import { MetricUnit } from "@aws-lambda-powertools/metrics";
import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from "aws-lambda";
import { createDocumentClient } from "#adapters/dynamodb/client.ts";
import { createMetadataChanges } from "#adapters/dynamodb/metadata-changes.ts";
import { publishChangesEnv } from "#lambdas/publish-changes/env.ts";
import { publishChanges } from "#lambdas/publish-changes/publish-changes.ts";
import { observed } from "#lambdas/shared/observed.ts";
import { once } from "#lambdas/shared/once.ts";
import { runtime } from "#lambdas/shared/runtime.ts";

const connect = once(() => {
	const env = publishChangesEnv.parse(process.env);
	const { clock, random } = runtime();
	const client = createDocumentClient(env.CONTROL_REGION, { marshallOptions: { removeUndefinedValues: true } });
	return createMetadataChanges({ client, tableName: env.CHANGES_TABLE, clock, random });
});

/** Tells the change feed what the stream of the metadata table (control region, NEW_AND_OLD_IMAGES) has brought. A batch that fails comes again whole. */
export const handler = observed<DynamoDBStreamEvent, DynamoDBBatchResponse>("publish-changes", async ({ Records }, { logger, metrics }) => {
	const unreadable = (key: unknown, reason: string): void =>
		logger.error("a record of the metadata cannot be read", { event: "changes.unreadable", key, reason });
	const told = await publishChanges({ changes: connect(), unreadable }, Records);
	metrics.addMetric("MetadataChangesTold", MetricUnit.Count, told);
	return { batchItemFailures: [] };
});

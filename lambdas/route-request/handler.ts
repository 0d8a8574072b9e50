import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { createMetadataStore } from "#adapters/dynamodb/metadata-store.ts";
import { bakedConfig } from "#lambdas/route-request/config.ts";
import { createRouter, nearestDeployed } from "#lambdas/route-request/create-router.ts";
import { runtime } from "#lambdas/shared/runtime.ts";

const config = bakedConfig();
// Lambda@Edge sets this reserved variable to the region it runs in; it has no others
const nearRegion = nearestDeployed(process.env.AWS_REGION ?? "", config);

/** A viewer waits for this read, and a stale or guessed route still reaches the leader, so it gives up early. */
const metadata = createMetadataStore({
	tableName: config.metadataTable,
	region: nearRegion,
	controlRegion: config.controlRegion,
	clientFor: (region) =>
		new DynamoDBClient({
			region,
			maxAttempts: 2,
			requestHandler: { connectionTimeout: 1000, requestTimeout: 3000, throwOnRequestTimeout: true },
		}),
});

/** Lambda@Edge, origin-request: sends each request to the region where its partition is. */
export const handler = createRouter({ config, nearRegion, metadata, clock: runtime().clock, log: (line) => console.log(line) });

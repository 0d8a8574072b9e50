import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { RegionId } from "#domain/geography/region-id.ts";

/** Time in ms to open a connection, and to get an answer: both far below the data plane's hard timeout, so that one lost packet leaves room. */
const CONNECTION_TIMEOUT_MS = 2_000;
const REQUEST_TIMEOUT_MS = 5_000;

/**
 * A client of one region, credentials and endpoint from the environment. It makes one attempt a call: the stores retry themselves,
 * because a lease must be checked before every attempt and waiting belongs to the injected clock.
 */
export function createDynamoClient(region: RegionId): DynamoDBClient {
	const client = new DynamoDBClient({
		region,
		maxAttempts: 1,
		requestHandler: { connectionTimeout: CONNECTION_TIMEOUT_MS, requestTimeout: REQUEST_TIMEOUT_MS, throwOnRequestTimeout: true },
	});
	// It copies every input and output, all attributes of all items, for a logger that we do not have.
	client.middlewareStack.remove("loggerMiddleware");
	return client;
}

/** `createDynamoClient` for several stores that share one client, and so its connections, a region. */
export function shareDynamoClients(): (region: RegionId) => DynamoDBClient {
	const clients = new Map<RegionId, DynamoDBClient>();
	return (region) => {
		const client = clients.get(region) ?? createDynamoClient(region);
		clients.set(region, client);
		return client;
	};
}

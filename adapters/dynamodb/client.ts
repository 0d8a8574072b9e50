import { DynamoDBClient, type DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import type { DynamoDBDocumentClient, TranslateConfig } from "@aws-sdk/lib-dynamodb";
import { documentClient } from "#adapters/dynamodb/document-client.ts";
import type { RegionId } from "#domain/geography/region-id.ts";

/** Time in ms to open a connection, and to get an answer: both far below the data plane's hard timeout, so that one lost packet leaves room. */
const CONNECTION_TIMEOUT_MS = 2_000;
const REQUEST_TIMEOUT_MS = 5_000;

/**
 * A client of one region, credentials and endpoint from the environment. It makes one attempt a call: the stores retry themselves,
 * because a lease must be checked before every attempt and waiting belongs to the injected clock.
 */
export const createDynamoClient = (region: RegionId): DynamoDBClient => quietClient({ ...ONE_ATTEMPT, region, cacheMiddleware: true });

/** `createDynamoClient` for documents. */
export const createDocumentClient = (region: RegionId, translate?: TranslateConfig): DynamoDBDocumentClient =>
	documentClient(quietClient({ ...ONE_ATTEMPT, region }), translate);

const ONE_ATTEMPT = {
	maxAttempts: 1,
	requestHandler: { connectionTimeout: CONNECTION_TIMEOUT_MS, requestTimeout: REQUEST_TIMEOUT_MS, throwOnRequestTimeout: true },
} as const;

/** A client of the SDK without the step that is of no use here. */
export function quietClient(config: DynamoDBClientConfig): DynamoDBClient {
	const client = new DynamoDBClient(config);
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

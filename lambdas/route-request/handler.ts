import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { createDataPlaneDirectory } from "#adapters/dynamodb/data-plane-directory.ts";
import { createRouteReader } from "#adapters/dynamodb/route-reader.ts";
import { createLambdaSigner, credentialsOf } from "#adapters/http/lambda-signer.ts";
import type { RegionId } from "#domain/geography/region-id.ts";
import { createRttTable } from "#domain/geography/round-trip-time.ts";
import { bakedConfig } from "#lambdas/route-request/config.ts";
import { createEdgeLog } from "#lambdas/route-request/edge-log.ts";
import { createInterceptor, nearestDeployed } from "#lambdas/route-request/interceptor.ts";
import { createLogger } from "#lambdas/shared/logger.ts";
import { runtime } from "#lambdas/shared/runtime.ts";

const config = bakedConfig();
const { clock, random, background } = runtime();
// Lambda@Edge sets the variables of its own (region, credentials); it has no others
const nearRegion = nearestDeployed(process.env.AWS_REGION ?? "", config);
const rttMs = createRttTable(config.regions, config.rttMatrix);

/** A viewer waits for these reads, and a stale or guessed route still reaches the leader: they give up early. */
const READ_LIMITS = { connectionTimeout: 500, requestTimeout: 1000, throwOnRequestTimeout: true };
/** Copies of the metadata that a read may ask, the nearest first. */
const COPIES = 2;

const clients = new Map<RegionId, DynamoDBClient>();
function clientFor(region: RegionId): DynamoDBClient {
	const client = clients.get(region) ?? new DynamoDBClient({ region, maxAttempts: 1, requestHandler: READ_LIMITS });
	clients.set(region, client);
	return client;
}

const directory = createDataPlaneDirectory({ client: clientFor(nearRegion), tableName: config.metadataTable }, clock);

/** Lambda@Edge, origin-request and origin-response: sends each request to the region where its partition is, and learns from answers. */
export const handler = createInterceptor({
	config,
	nearRegion,
	readRoute: createRouteReader({
		tableName: config.metadataTable,
		copies: config.regions.toSorted((a, b) => rttMs(nearRegion, a) - rttMs(nearRegion, b)).slice(0, COPIES),
		clientFor,
	}),
	directory,
	sign: createLambdaSigner(credentialsOf(process.env), () => clock.nowMs()),
	clock,
	background,
	seed: Math.floor(random.next() * 2 ** 32),
	log: createEdgeLog(createLogger("route-request"), config.stage, background),
});

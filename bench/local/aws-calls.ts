import { DynamoDBClient, GetItemCommand, PutItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import type { Samples } from "#bench/benchmark.ts";
import type { LocalBenchSizes } from "#bench/local/sizes.ts";
import { temporaryDirectory, timedInTurn } from "#bench/local/stopwatch.ts";
import { regionId } from "#domain/geography/region-id.ts";
import { createRttTable } from "#domain/geography/round-trip-time.ts";
import { TableName, tableName } from "#infra/description/tables.ts";
import { VirtualClock } from "#local/clock/virtual-clock.ts";
import { startEngines } from "#local/engines/engines.ts";
import { Callers } from "#local/gateway/callers.ts";
import { dynamodbService } from "#local/gateway/dynamodb-service.ts";
import { startGateway } from "#local/gateway/gateway.ts";
import { VirtualNetwork } from "#local/network/virtual-network.ts";
import { prepareDataDirectory } from "#local/state/data-directory.ts";

const STAGE = "bench";
const TABLE = tableName(STAGE, TableName.Data);
const KEY = { pk: { S: "partition#0" }, sk: { S: "item#key" } };
const ENGINE = "the same client at the engine itself";

/** What the gateway adds to a DynamoDB call. */
export async function measureAwsCalls(sizes: LocalBenchSizes, say: (line: string) => void): Promise<readonly Samples[]> {
	say("calls through the gateway and at the engine");
	await using stack = new AsyncDisposableStack();
	const dataDir = temporaryDirectory(stack);
	prepareDataDirectory(dataDir);
	const region = regionId(sizes.regions[0] ?? "");
	const regions = [region];
	const log = (): void => {};
	const clock = new VirtualClock({ startMs: 0, speed: Number.POSITIVE_INFINITY });
	stack.defer(() => clock.stop());
	const engines = await startEngines({ regions, controlRegion: region, stage: STAGE, dataDir, log });
	stack.defer(() => engines.stop());
	const gateway = await startGateway({
		clock,
		network: new VirtualNetwork(clock, createRttTable(regions)),
		callers: new Callers(),
		services: [dynamodbService({ engines, regions, stage: STAGE })],
		log,
	});
	stack.defer(() => gateway.stop());
	const clientOf = (endpoint: string): DynamoDBClient => {
		const client = new DynamoDBClient({
			region,
			endpoint,
			maxAttempts: 1,
			credentials: { accessKeyId: "bench", secretAccessKey: "bench" },
		});
		stack.defer(() => client.destroy());
		return client;
	};
	const clients = [clientOf(gateway.url), clientOf(engines.endpointOf(region))] as const;
	await clients[1].send(new PutItemCommand({ TableName: TABLE, Item: { ...KEY, body: { S: "x".repeat(200) }, n: { N: "0" } } }));
	return [
		{ metric: "GetItem through the gateway", ...(await compare(sizes, clients, getItem)) },
		{ metric: "UpdateItem through the gateway", ...(await compare(sizes, clients, updateItem)) },
	];
}

async function compare(
	{ warmUp, calls }: LocalBenchSizes,
	[subject, baseline]: readonly [DynamoDBClient, DynamoDBClient],
	call: (client: DynamoDBClient) => Promise<unknown>,
): Promise<Omit<Samples, "metric">> {
	const samples = await timedInTurn(
		{ warmUp, count: calls },
		() => call(subject),
		() => call(baseline),
	);
	return { unit: "ms", baselineOf: ENGINE, ...samples };
}

const getItem = (client: DynamoDBClient) => client.send(new GetItemCommand({ TableName: TABLE, Key: KEY, ConsistentRead: true }));
const updateItem = (client: DynamoDBClient) =>
	client.send(
		new UpdateItemCommand({
			TableName: TABLE,
			Key: KEY,
			UpdateExpression: "ADD n :one",
			ConditionExpression: "attribute_exists(pk)",
			ExpressionAttributeValues: { ":one": { N: "1" } },
		}),
	);

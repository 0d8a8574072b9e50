import {
	DescribeTableCommand,
	DescribeTimeToLiveCommand,
	DynamoDBClient,
	GetItemCommand,
	ListTablesCommand,
} from "@aws-sdk/client-dynamodb";
import { GetCommand, PutCommand, QueryCommand, TransactWriteCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { regionId } from "#domain/geography/region-id.ts";
import { TABLES, TableName, tableName } from "#infra/description/tables.ts";
import { EAST, type Fixture, STAGE, startFixture, temporaryDirectory, WEST } from "#test/integration/local-cloud/fixture.ts";

const DATA = tableName(STAGE, TableName.Data);
const directory = temporaryDirectory();
let cloud: Fixture;

beforeAll(async () => {
	cloud = await startFixture(directory.path);
});
afterAll(async () => {
	await cloud.stop();
	directory.remove();
});

const key = (sk: string) => ({ pk: "p#0", sk });

describe("tables", () => {
	test("the control region has them all, another region only the global and regional ones", async () => {
		const names = async (region: typeof EAST) => (await cloud.client(region).send(new ListTablesCommand({}))).TableNames?.toSorted();
		expect(await names(EAST)).toEqual(TABLES.map((table) => tableName(STAGE, table.name)).toSorted());
		expect(await names(WEST)).toEqual([tableName(STAGE, "data"), tableName(STAGE, "metadata")]);
	});

	test("carry their stream, index and expiry as described, under an ARN of their region", async () => {
		const client = cloud.client(EAST);
		const { Table } = await client.send(new DescribeTableCommand({ TableName: DATA }));
		expect(Table?.StreamSpecification).toEqual({ StreamEnabled: true, StreamViewType: "KEYS_ONLY" });
		expect(Table?.TableArn).toBe(`arn:aws:dynamodb:us-east-1:000000000000:table/${DATA}`);
		const migrations = tableName(STAGE, TableName.Migrations);
		const described = await client.send(new DescribeTableCommand({ TableName: migrations }));
		expect(described.Table?.GlobalSecondaryIndexes?.map((index) => index.IndexName)).toEqual(["byState"]);
		const expiry = await client.send(new DescribeTimeToLiveCommand({ TableName: migrations }));
		expect(expiry.TimeToLiveDescription).toMatchObject({ AttributeName: "expiresAt", TimeToLiveStatus: "ENABLED" });
	});
});

describe("requests of the unmodified SDK", () => {
	test("two regions hold different items under the same key", async () => {
		await cloud.client(EAST).send(new PutCommand({ TableName: DATA, Item: { ...key("where"), value: "east" } }));
		expect((await cloud.client(WEST).send(new GetCommand({ TableName: DATA, Key: key("where") }))).Item).toBeUndefined();
		await cloud.client(WEST).send(new PutCommand({ TableName: DATA, Item: { ...key("where"), value: "west" } }));
		expect((await cloud.client(EAST).send(new GetCommand({ TableName: DATA, Key: key("where") }))).Item?.["value"]).toBe("east");
	});

	test("a conditional write is refused by its exception", async () => {
		const put = () =>
			cloud.client(EAST).send(new PutCommand({ TableName: DATA, Item: key("once"), ConditionExpression: "attribute_not_exists(pk)" }));
		await put();
		await expect(put()).rejects.toMatchObject({ name: "ConditionalCheckFailedException" });
	});

	test("a transaction changes all or nothing and says which condition failed", async () => {
		const client = cloud.client(EAST);
		await client.send(new PutCommand({ TableName: DATA, Item: { ...key("fence"), seq: 1 } }));
		const write = (expected: number) =>
			client.send(
				new TransactWriteCommand({
					TransactItems: [
						{
							Update: {
								TableName: DATA,
								Key: key("fence"),
								UpdateExpression: "SET seq = seq + :one",
								ConditionExpression: "seq = :expected",
								ExpressionAttributeValues: { ":one": 1, ":expected": expected },
							},
						},
						{ Put: { TableName: DATA, Item: { ...key("item#a"), written: expected } } },
					],
				}),
			);
		await write(1);
		await expect(write(1)).rejects.toMatchObject({
			name: "TransactionCanceledException",
			CancellationReasons: [{ Code: "ConditionalCheckFailed" }, { Code: "None" }],
		});
		const { Items } = await client.send(
			new QueryCommand({
				TableName: DATA,
				KeyConditionExpression: "pk = :p",
				ExpressionAttributeValues: { ":p": "p#0" },
				ConsistentRead: true,
			}),
		);
		expect(Items).toContainEqual({ ...key("fence"), seq: 2 });
		expect(Items).toContainEqual({ ...key("item#a"), written: 1 });
	});

	test("an unsigned request, an unknown region and an unknown service get an AWS error", async () => {
		expect((await fetch(cloud.gateway.url, { method: "POST" })).status).toBe(403);
		await expect(cloud.client(regionId("sa-east-1")).send(new ListTablesCommand({}))).rejects.toMatchObject({
			name: "UnrecognizedClientException",
		});
		const authorization = "AWS4-HMAC-SHA256 Credential=k/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0";
		const reply = await fetch(cloud.gateway.url, { headers: { authorization } });
		expect([reply.status, reply.headers.get("x-amzn-errortype")]).toEqual([404, "UnknownServiceException"]);
	});

	test("a body that is no JSON is refused as one", async () => {
		const authorization = "AWS4-HMAC-SHA256 Credential=k/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0";
		const headers = { authorization, "x-amz-target": "DynamoDB_20120810.TransactWriteItems" };
		const reply = await fetch(cloud.gateway.url, { method: "POST", headers, body: "{" });
		expect([reply.status, reply.headers.get("x-amzn-errortype")]).toEqual([400, "SerializationException"]);
	});
});

describe("callers", () => {
	test("are counted by what they need", async () => {
		const caller = cloud.callers.issue(EAST, "serve-data");
		const client = cloud.client(EAST, caller.accessKeyId);
		await client.send(new GetCommand({ TableName: DATA, Key: key("x") }));
		await client.send(new GetCommand({ TableName: DATA, Key: key("y") }));
		expect(cloud.access.calls().filter((entry) => entry.caller === "serve-data")).toMatchObject([
			{ action: "dynamodb:GetItem", from: EAST, resource: `dynamodb:${EAST}:table/${DATA}`, allowed: true, count: 2 },
		]);
	});

	test("are refused what their role does not say, part by part, and nothing of a refused transaction is done", async () => {
		const caller = cloud.callers.issue(EAST, "serve-data");
		const client = cloud.client(EAST, caller.accessKeyId);
		const put = { Put: { TableName: DATA, Item: key("item#refused") } };
		const remove = { Delete: { TableName: DATA, Key: key("item#other") } };
		await expect(client.send(new TransactWriteCommand({ TransactItems: [put, remove] }))).rejects.toMatchObject({
			name: "AccessDeniedException",
			message: expect.stringContaining(`serve-data is not authorized to perform dynamodb:DeleteItem on dynamodb:${EAST}:table/${DATA}`),
		});
		const { Item } = await client.send(new GetCommand({ TableName: DATA, Key: key("item#refused") }));
		expect(Item).toBeUndefined();
		const abroad = cloud.client(WEST, caller.accessKeyId);
		await expect(abroad.send(new GetCommand({ TableName: DATA, Key: key("x") }))).rejects.toMatchObject({ name: "AccessDeniedException" });
	});

	test("in another region lose their connection while the link is cut", async () => {
		const caller = cloud.callers.issue(WEST, "carry-stream");
		const credentials = { accessKeyId: caller.accessKeyId, secretAccessKey: "secret" };
		const client = new DynamoDBClient({ region: EAST, endpoint: cloud.gateway.url, credentials, maxAttempts: 1 });
		const read = () => client.send(new GetItemCommand({ TableName: DATA, Key: { pk: { S: "p" }, sk: { S: "s" } } }));
		await read();
		cloud.network.cut(WEST, EAST, 60_000);
		await expect(read()).rejects.toMatchObject({ code: "ECONNRESET" });
		cloud.network.heal();
		await read();
		client.destroy();
	});
});

describe("faults", () => {
	test("throttling refuses its share until its time, by the exception of a table", async () => {
		const credentials = { accessKeyId: "outside", secretAccessKey: "secret" };
		const client = new DynamoDBClient({ region: WEST, endpoint: cloud.gateway.url, credentials, maxAttempts: 1 });
		cloud.gateway.throttle(WEST, 1, cloud.clock.nowMs() + 60_000);
		await expect(client.send(new ListTablesCommand({}))).rejects.toMatchObject({ name: "ProvisionedThroughputExceededException" });
		cloud.gateway.throttle(WEST, 1, cloud.clock.nowMs() - 1);
		await client.send(new ListTablesCommand({}));
		client.destroy();
	});

	test("an engine killed under load loses no acknowledged write", async () => {
		const client = cloud.client(EAST);
		const acknowledged = new Map<string, number>();
		const writer = async (name: string): Promise<void> => {
			for (let n = 1; n <= 60; n += 1) {
				await client.send(
					new UpdateCommand({
						TableName: DATA,
						Key: key(name),
						UpdateExpression: "SET n = :n",
						ExpressionAttributeValues: { ":n": n },
					}),
				);
				acknowledged.set(name, n);
				if (name === "item#w0" && n % 20 === 0) cloud.engines.kill(EAST);
			}
		};
		const names = Array.from({ length: 6 }, (_, index) => `item#w${index}`);
		await Promise.all(names.map(writer));
		for (const name of names) {
			const { Item } = await client.send(new GetCommand({ TableName: DATA, Key: key(name), ConsistentRead: true }));
			expect(Item?.["n"]).toBe(acknowledged.get(name));
		}
	});
});

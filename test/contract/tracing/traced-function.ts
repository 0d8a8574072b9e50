import { GetItemCommand } from "@aws-sdk/client-dynamodb";
import type { Context } from "aws-lambda";
import { createDynamoClient } from "#adapters/dynamodb/client.ts";
import { regionId } from "#domain/geography/region-id.ts";
import { observed } from "#lambdas/shared/observed.ts";

/** A function that reads one item: what it answers, and whether it fails, is what it is told. Run as a process with the environment that Lambda gives. */
const client = createDynamoClient(regionId("eu-west-1"));
const handler = observed<{ readonly fails: boolean }, { readonly secret: string }>("reader", async ({ fails }) => {
	await client.send(new GetItemCommand({ TableName: "t", Key: { pk: { S: "k" } } }));
	if (fails) throw new RangeError("no");
	return { secret: "what a client has stored" };
});

const context = { functionName: "f", awsRequestId: "r", memoryLimitInMB: "128", invokedFunctionArn: "arn:f" } as Context;
for (const fails of [false, true]) await handler({ fails }, context).catch(() => undefined);

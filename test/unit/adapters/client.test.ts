import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { expect, test } from "vitest";
import { createDynamoClient } from "#adapters/dynamodb/client.ts";
import { regionId } from "#domain/geography/region-id.ts";

const REGION = regionId("eu-west-1");
const stepsOf = (client: DynamoDBClient): readonly string[] => client.middlewareStack.identify().map((line) => line.split(" - ")[0] ?? "");

test("a client of ours does all that the SDK's does, but for copying what it sends and gets for a logger", async () => {
	const plain = new DynamoDBClient({ region: REGION });
	const ours = createDynamoClient(REGION);
	expect(stepsOf(plain)).toContain("loggerMiddleware");
	expect(stepsOf(ours)).toEqual(stepsOf(plain).filter((step) => step !== "loggerMiddleware"));
	expect(await ours.config.maxAttempts()).toBe(1);
});

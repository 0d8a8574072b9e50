import { afterAll, beforeAll, describe } from "vitest";
import { createRegionalStore } from "#adapters/dynamodb/dynamodb-regional-store.ts";
import { MemoryRegionalStore } from "#simulation/stores/memory-regional-store.ts";
import { engineAvailable, startEngine, type TestEngine } from "#test/__helpers__/engine.ts";
import { HOME } from "./fixtures.ts";
import { describeRegionalStore } from "./suite.ts";

describeRegionalStore("memory", (clock) => new MemoryRegionalStore(HOME, clock));

describe.skipIf(!engineAvailable)("on a real engine", () => {
	let engine: TestEngine;
	beforeAll(async () => {
		engine = await startEngine();
		await engine.createTable("data");
	});
	afterAll(() => engine?.stop());
	describeRegionalStore("DynamoDB", (clock) => createRegionalStore({ client: engine.client(), tableName: "data", region: HOME, clock }));
});

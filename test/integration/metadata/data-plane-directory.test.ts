import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createDataPlaneDirectory } from "#adapters/dynamodb/data-plane-directory.ts";
import { createMetadataStore } from "#adapters/dynamodb/metadata-store.ts";
import { registerDataPlane, withdrawDataPlane } from "#adapters/dynamodb/register-data-plane.ts";
import { regionId } from "#domain/geography/region-id.ts";
import { UnavailableError } from "#domain/shared/errors.ts";
import { ManualClock } from "#test/__helpers__/manual-clock.ts";
import { type Engine, startEngine } from "#test/integration/metadata/engine.ts";

const tableName = "heliotrope-test-metadata";
const [dublin, virginia] = ["eu-west-1", "us-east-1"].map(regionId) as [ReturnType<typeof regionId>, ReturnType<typeof regionId>];
let engine: Engine;
let table: { client: DynamoDBDocumentClient; tableName: string };
let copy: { client: DynamoDBClient; tableName: string };

beforeAll(async () => {
	engine = await startEngine(tableName);
	table = { client: DynamoDBDocumentClient.from(engine.client()), tableName };
	copy = { client: engine.client(), tableName };
});
afterAll(() => engine.stop());

/** Tables that cannot be reached: every call fails. */
const lost = (): DynamoDBClient => ({ send: () => Promise.reject(new Error("connect ECONNREFUSED")) }) as unknown as DynamoDBClient;

test("a region is found once it has registered, without waiting for what was known to grow old", async () => {
	const clock = new ManualClock();
	const directory = createDataPlaneDirectory(copy, clock);
	expect(await directory.urlOf(dublin)).toBeUndefined();
	await registerDataPlane(table, dublin, "https://one");
	expect(await directory.urlOf(dublin)).toBeUndefined();
	clock.advance(2_000);
	expect(await directory.urlOf(dublin)).toBe("https://one");
	expect(await directory.all()).toEqual({ [dublin]: "https://one" });
});

test("a URL that changed is learned within a minute", async () => {
	const clock = new ManualClock();
	const directory = createDataPlaneDirectory(copy, clock);
	await registerDataPlane(table, dublin, "https://one");
	expect(await directory.urlOf(dublin)).toBe("https://one");
	await registerDataPlane(table, dublin, "https://two");
	clock.advance(59_000);
	expect(await directory.urlOf(dublin)).toBe("https://one");
	clock.advance(1_000);
	expect(await directory.urlOf(dublin)).toBe("https://two");
});

test("an entry is withdrawn by its own URL only", async () => {
	await registerDataPlane(table, virginia, "https://new");
	await withdrawDataPlane(table, virginia, "https://old");
	expect(await createDataPlaneDirectory(copy, new ManualClock()).urlOf(virginia)).toBe("https://new");
	await withdrawDataPlane(table, virginia, "https://new");
	await withdrawDataPlane(table, virginia, "https://new");
	expect(await createDataPlaneDirectory(copy, new ManualClock()).urlOf(virginia)).toBeUndefined();
});

test("what was learned once is used while the table is out of reach; nothing learned is a failure that says so", async () => {
	const clock = new ManualClock();
	await registerDataPlane(table, dublin, "https://one");
	const switching = { ...copy };
	const directory = createDataPlaneDirectory(switching, clock);
	expect(await directory.urlOf(dublin)).toBe("https://one");
	switching.client = lost();
	clock.advance(120_000);
	expect(await directory.urlOf(dublin)).toBe("https://one");
	await expect(createDataPlaneDirectory({ ...copy, client: lost() }, clock).urlOf(dublin)).rejects.toBeInstanceOf(UnavailableError);
});

test("the entries are no partitions, and a page of partitions that ends at one goes on", async () => {
	await registerDataPlane(table, dublin, "https://one");
	await registerDataPlane(table, virginia, "https://two");
	const options = { tableName, region: dublin, controlRegion: dublin, clientFor: () => engine.client(), clock: new ManualClock() };
	const store = createMetadataStore(options);
	const seen: unknown[] = [];
	let cursor: string | undefined;
	let pages = 0;
	do {
		const page = await store.list(cursor === undefined ? { limit: 1 } : { limit: 1, cursor });
		seen.push(...page.records);
		cursor = page.cursor;
		pages += 1;
	} while (cursor !== undefined);
	expect(seen).toEqual([]);
	expect(pages).toBeGreaterThan(1);
});

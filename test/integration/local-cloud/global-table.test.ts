import { DeleteCommand, GetCommand, PutCommand, TransactWriteCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RegionId } from "#domain/geography/region-id.ts";
import { TableName, tableName } from "#infra/description/tables.ts";
import { VirtualClock } from "#local/clock/virtual-clock.ts";
import { GlobalTableReplicator } from "#local/replication/global-table.ts";
import { type DurableState, openDurableState } from "#local/state/durable-state.ts";
import { EAST, type Fixture, STAGE, startFixture, temporaryDirectory, WEST } from "#test/integration/local-cloud/fixture.ts";

const TABLE = tableName(STAGE, TableName.Metadata);
const directory = temporaryDirectory();
const clock = new VirtualClock({ startMs: 0, speed: Number.POSITIVE_INFINITY });
let cloud: Fixture;
let state: DurableState;
let replicator: GlobalTableReplicator;

beforeAll(async () => {
	state = openDurableState(directory.path);
	const globalWrites = { write: (...all: Parameters<GlobalTableReplicator["write"]>) => replicator.write(...all) };
	cloud = await startFixture(directory.path, { clock, service: { globalWrites } });
	const { network, engines } = cloud;
	replicator = new GlobalTableReplicator({ clock, network, engine: engines.client, state, regions: [EAST, WEST], log: () => {} });
	await replicator.start();
});
afterAll(async () => {
	await replicator.stop();
	await cloud.stop();
	state.close();
	directory.remove();
});

const key = (pk: string) => ({ pk, sk: "record" });
const read = async (region: RegionId, pk: string) =>
	(await cloud.client(region).send(new GetCommand({ TableName: TABLE, Key: key(pk) }))).Item?.["value"];
const put = (region: RegionId, pk: string, value: unknown, condition?: string) =>
	cloud.client(region).send(
		new PutCommand({
			TableName: TABLE,
			Item: { ...key(pk), value },
			...(condition === undefined ? {} : { ConditionExpression: condition }),
		}),
	);

test("a write reaches the other region after the delay, with every type of attribute", async () => {
	const value = { text: "x", list: [1, true, null], set: new Set(["b", "a"]), bytes: new Uint8Array([1, 2]) };
	const activity = clock.begin("test");
	await put(EAST, "typed", value);
	expect(await read(WEST, "typed")).toBeUndefined();
	await activity.sleep(499);
	expect(await read(WEST, "typed")).toBeUndefined();
	await activity.sleep(2);
	expect(await read(WEST, "typed")).toEqual(value);
	activity.end();
});

test("a condition sees the local copy only, and a refused write reaches nobody", async () => {
	await put(EAST, "conditional", 1);
	await replicator.drained();
	await expect(put(WEST, "conditional", 2, "attribute_not_exists(pk)")).rejects.toMatchObject({ name: "ConditionalCheckFailedException" });
	await replicator.drained();
	expect(await read(EAST, "conditional")).toBe(1);
});

test("transactions and deletes are replicated item by item", async () => {
	const Item = (pk: string) => ({ Put: { TableName: TABLE, Item: { ...key(pk), value: pk } } });
	await cloud.client(EAST).send(new TransactWriteCommand({ TransactItems: [Item("t1"), Item("t2")] }));
	await replicator.drained();
	expect([await read(WEST, "t1"), await read(WEST, "t2")]).toEqual(["t1", "t2"]);
	await cloud.client(WEST).send(new DeleteCommand({ TableName: TABLE, Key: key("t1") }));
	await replicator.drained();
	expect([await read(EAST, "t1"), await read(EAST, "t2")]).toEqual([undefined, "t2"]);
});

test("a configured delay and a cut link postpone the arrival", async () => {
	const activity = clock.begin("test");
	replicator.delay(WEST, 30);
	await put(EAST, "late", 1);
	await activity.sleep(29_000);
	expect(await read(WEST, "late")).toBeUndefined();
	await activity.sleep(1500);
	expect(await read(WEST, "late")).toBe(1);
	replicator.heal();
	cloud.network.cut(EAST, WEST, 10_000);
	await put(EAST, "late", 2);
	await activity.sleep(9000);
	expect(await read(WEST, "late")).toBe(1);
	await activity.sleep(3000);
	expect(await read(WEST, "late")).toBe(2);
	activity.end();
});

test("an engine that dies while writes come loses none and both copies agree in the end", async () => {
	for (let n = 1; n <= 20; n += 1) {
		await put(n % 2 === 0 ? EAST : WEST, "killed", n);
		if (n % 7 === 0) cloud.engines.kill(n % 3 === 0 ? EAST : WEST);
	}
	await clock.whenIdle();
	await replicator.drained();
	expect([await read(EAST, "killed"), await read(WEST, "killed")]).toEqual([20, 20]);
});

import { DynamoDBDocumentClient, PutCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createCursorKeyRing } from "#adapters/dynamodb/cursor-keys.ts";
import { CURSOR_KEY } from "#adapters/dynamodb/metadata-items.ts";
import { partitionId } from "#domain/partition/partition-id.ts";
import { openWith, sealCursor } from "#lambdas/serve-data/cursor.ts";
import { keepCursorKeys } from "#lambdas/serve-data/cursor-keys.ts";
import { engineAvailable, startEngine, type TestEngine } from "#test/__helpers__/engine.ts";
import { ManualClock } from "#test/__helpers__/manual-clock.ts";

const DAY_MS = 24 * 3_600_000;

describe.skipIf(!engineAvailable)("the keys of cursors", () => {
	let engine: TestEngine;
	let client: DynamoDBDocumentClient;
	beforeAll(async () => {
		engine = await startEngine();
		client = DynamoDBDocumentClient.from(engine.client());
		for (const table of ["one", "two", "three"]) await engine.createTable(table);
	});
	afterAll(() => engine.stop());
	const ringOf = (tableName: string, clock: ManualClock) => createCursorKeyRing({ tableName, nearest: client, control: client, clock });

	test("are made once, however many need one first", async () => {
		const clock = new ManualClock();
		const all = await Promise.all([1, 2, 3].map(() => ringOf("one", clock).keys()));
		expect(new Set(all.map(([key]) => Buffer.from(key as Uint8Array).toString("hex"))).size).toBe(1);
		const [view] = await ringOf("one", clock).list();
		expect(view?.id).toMatch(/^[0-9a-f]{12}$/);
		expect(JSON.stringify(view)).not.toContain(Buffer.from(all[0]?.[0] as Uint8Array).toString("base64"));
	});

	test("that an earlier release has made go on, and are taken for a day after a rotation, or until they are cleared", async () => {
		const clock = new ManualClock();
		const old = Buffer.alloc(32, 7);
		await client.send(new PutCommand({ TableName: "two", Item: { ...CURSOR_KEY, key: old.toString("base64") } }));
		const ring = ringOf("two", clock);
		expect(await ring.keys()).toEqual([old]);
		const [current, previous, ...none] = await ring.rotate();
		expect([current?.acceptedUntilMs, previous?.acceptedUntilMs, none]).toEqual([undefined, clock.nowMs() + DAY_MS, []]);
		expect((await ring.keys())[1]).toEqual(old);
		clock.advance(DAY_MS);
		expect(await ring.keys()).toHaveLength(1);
		await ring.rotate();
		expect(await ring.keys()).toHaveLength(2);
		expect(await ring.clear()).toHaveLength(1);
		expect(await ring.keys()).toHaveLength(1);
	});

	test("reach instances that knew the one before: at once where a cursor needs them, within five minutes where none does", async () => {
		const clock = new ManualClock();
		const ring = ringOf("three", clock);
		const [old, other] = [keepCursorKeys(ring, clock), keepCursorKeys(ring, clock)];
		const scope = { partition: partitionId("acme"), prefix: "" };
		const [first] = await old.keys();
		await other.keys();
		await ring.rotate();
		clock.advance(5_000);
		const [second] = await keepCursorKeys(ring, clock).keys();
		const cursor = sealCursor(second as Uint8Array, scope, "k");
		expect(openWith(await old.keys(), scope, cursor)).toBeUndefined();
		expect(openWith(await old.anew(), scope, cursor)).toBe("k");
		expect(openWith(await old.keys(), scope, sealCursor(first as Uint8Array, scope, "k"))).toBe("k");
		clock.advance(5 * 60_000);
		expect((await other.keys())[0]).toEqual(second);
		await ring.clear();
		expect(await other.anew()).toHaveLength(2);
		clock.advance(5_000);
		expect(await other.anew()).toHaveLength(1);
	});
});

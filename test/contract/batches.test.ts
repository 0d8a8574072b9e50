import { BatchGetCommand, BatchWriteCommand, DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { getMany, getOne, type Item, keyOf, putMany, type Table } from "#adapters/dynamodb/batches.ts";
import { UnavailableError } from "#domain/shared/errors.ts";
import { engineAvailable, startEngine, type TestEngine } from "#test/__helpers__/engine.ts";
import { ManualClock } from "#test/__helpers__/manual-clock.ts";

type BatchCommand = BatchGetCommand | BatchWriteCommand;
/** What a batch has of one table. */
type Parts = unknown[] | { Keys: unknown[] };
interface Call {
	readonly operation: string;
	/** Table -> how many of its items the call asks for or brings. */
	readonly sizes: Readonly<Record<string, number>>;
}

const listOf = (parts: Parts): unknown[] => (Array.isArray(parts) ? parts : parts.Keys);
const withList = (parts: Parts, list: unknown[]): Parts => (Array.isArray(parts) ? list : { ...parts, Keys: list });

describe.skipIf(!engineAvailable)("reads and writes of one turn, on the real engine", () => {
	let engine: TestEngine;
	let client: DynamoDBDocumentClient;
	let calls: Call[] = [];
	/** How many items of each table a call takes; the rest is handed back, as a service does that throttles. */
	let taken = Number.POSITIVE_INFINITY;
	const clock = new ManualClock();
	const table = (tableName: string): Table => ({ client, tableName, clock });

	async function stingily(real: DynamoDBDocumentClient, command: BatchCommand) {
		const isRead = command instanceof BatchGetCommand;
		const asked = Object.entries(command.input.RequestItems ?? {}) as [string, Parts][];
		const sizes = Object.fromEntries(asked.map(([name, parts]) => [name, listOf(parts).length]));
		calls.push({ operation: isRead ? "BatchGetItem" : "BatchWriteItem", sizes });
		const cut = (from: number, to: number) =>
			Object.fromEntries(
				asked
					.map(([name, parts]) => [name, withList(parts, listOf(parts).slice(from, to))] as const)
					.filter(([, parts]) => listOf(parts).length > 0),
			);
		const [now, left] = [cut(0, taken), cut(taken, Number.POSITIVE_INFINITY)];
		const Of = isRead ? BatchGetCommand : BatchWriteCommand;
		const answer = Object.keys(now).length === 0 ? {} : await real.send(new Of({ RequestItems: now as never }) as BatchGetCommand);
		return { ...answer, UnprocessedKeys: left, UnprocessedItems: left };
	}

	beforeAll(async () => {
		engine = await startEngine();
		await Promise.all(["aaa", "bbb"].map((name) => engine.createTable(name)));
		const real = DynamoDBDocumentClient.from(engine.client());
		client = { send: (command: BatchCommand) => stingily(real, command) } as unknown as DynamoDBDocumentClient;
	});
	afterAll(() => engine.stop());
	beforeEach(() => {
		calls = [];
		taken = Number.POSITIVE_INFINITY;
	});

	const item = (pk: string, value: unknown): Item => ({ ...keyOf(pk, "x"), value });
	const valueIn = async (tableName: string, pk: string): Promise<unknown> => (await getOne(table(tableName), keyOf(pk, "x")))?.["value"];

	it("go out as one call a kind, of all tables, and come back in order", async () => {
		await Promise.all([putMany(table("aaa"), [item("1", "a1"), item("2", "a2")]), putMany(table("bbb"), [item("1", "b1")])]);
		const keys = ["2", "none", "1"].map((pk) => keyOf(pk, "x"));
		const [many, one, none] = await Promise.all([
			getMany(table("aaa"), keys),
			getOne(table("bbb"), keyOf("1", "x")),
			getOne(table("bbb"), keyOf("2", "x")),
		]);
		expect(many.map(({ value }) => value)).toEqual(["a2", "a1"]);
		expect([one?.["value"], none]).toEqual(["b1", undefined]);
		expect(calls).toEqual([
			{ operation: "BatchWriteItem", sizes: { aaa: 2, bbb: 1 } },
			{ operation: "BatchGetItem", sizes: { aaa: 3, bbb: 2 } },
		]);
	});

	it("keep to the sizes that DynamoDB takes: 25 puts, 100 keys", async () => {
		const items = Array.from({ length: 120 }, (_, index) => item(`many-${index}`, index));
		await Promise.all([putMany(table("aaa"), items), putMany(table("bbb"), items)]);
		const keys = items.map(({ pk }) => keyOf(String(pk), "x"));
		const [a, b] = await Promise.all([getMany(table("aaa"), keys), getMany(table("bbb"), keys)]);
		expect([a, b]).toEqual([items, items]);
		const sizes = (operation: string) =>
			calls
				.filter((call) => call.operation === operation)
				.map((call) => Object.values(call.sizes).reduce((sum, size) => sum + size))
				.sort((x, y) => y - x);
		expect(sizes("BatchWriteItem")).toEqual([...Array<number>(9).fill(25), 15]);
		expect(sizes("BatchGetItem")).toEqual([100, 100, 40]);
	});

	it("ask once for a key that several want, and put the last of what several put", async () => {
		await Promise.all([putMany(table("aaa"), [item("same", 1)]), putMany(table("aaa"), [item("same", 2), item("same", 3)])]);
		expect(await Promise.all([valueIn("aaa", "same"), valueIn("aaa", "same")])).toEqual([3, 3]);
		expect(calls.map(({ sizes }) => sizes)).toEqual([{ aaa: 1 }, { aaa: 1 }]);
	});

	it("go on with what a call has left over, of every table, after a pause", async () => {
		taken = 2;
		const items = Array.from({ length: 5 }, (_, index) => item(`left-${index}`, index));
		const startMs = clock.nowMs();
		await Promise.all([putMany(table("aaa"), items), putMany(table("bbb"), items.slice(0, 3))]);
		const keys = items.map(({ pk }) => keyOf(String(pk), "x"));
		expect(await Promise.all([getMany(table("aaa"), keys), getMany(table("bbb"), keys)])).toEqual([items, items.slice(0, 3)]);
		expect(calls.slice(0, 3).map(({ sizes }) => sizes)).toEqual([{ aaa: 5, bbb: 3 }, { aaa: 3, bbb: 1 }, { aaa: 1 }]);
		expect(clock.nowMs()).toBeGreaterThan(startMs);
	});

	it("give up, naming the tables, where parts are left over again and again", async () => {
		taken = 0;
		const write = Promise.all([putMany(table("aaa"), [item("1", 1)]), putMany(table("bbb"), [item("1", 1)])]);
		await expect(write).rejects.toThrow("aaa and bbb keep leaving parts of a BatchWriteItem over");
		await expect(valueIn("aaa", "1")).rejects.toBeInstanceOf(UnavailableError);
		expect(calls.map(({ operation }) => operation)).toEqual([
			...Array<string>(4).fill("BatchWriteItem"),
			...Array<string>(4).fill("BatchGetItem"),
		]);
	});

	it("are made once where the client repeats calls itself, else as often as any call", async () => {
		let sent = 0;
		const failing = () => {
			sent += 1;
			return Promise.reject(Object.assign(new Error("no"), { name: "ProvisionedThroughputExceededException" }));
		};
		const own = { client: { send: failing } as unknown as DynamoDBDocumentClient, tableName: "aaa", clock };
		const attempts = async (of: Table): Promise<number> => {
			sent = 0;
			await expect(getOne(of, keyOf("1", "x"))).rejects.toBeInstanceOf(UnavailableError);
			return sent;
		};
		expect([await attempts({ ...own, attempts: 1 }), await attempts(own)]).toEqual([1, 4]);
	});

	it("fail together where the client cannot reach the service, and nothing is kept of it", async () => {
		const lost = await startEngine();
		const unreachable: Table = { client: DynamoDBDocumentClient.from(lost.client()), tableName: "aaa", clock, attempts: 1 };
		await lost.stop();
		for (let attempt = 0; attempt < 2; attempt++)
			await expect(getOne(unreachable, keyOf("1", "x"))).rejects.toBeInstanceOf(UnavailableError);
		expect(await getMany(table("aaa"), [])).toEqual([]);
	});
});

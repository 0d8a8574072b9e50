import { BatchGetCommand, BatchWriteCommand, type DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import DataLoader from "dataloader";
import { backOff, MAX_ATTEMPTS, type RetryPolicy, repeatable } from "#adapters/dynamodb/retry.ts";
import { UnavailableError } from "#domain/shared/errors.ts";
import { KEY } from "#infra/description/tables.ts";

/** Limits of one call. @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html */
const MAX_GETS = 100;
const MAX_PUTS = 25;

export type Item = Readonly<Record<string, unknown>>;
export interface ItemKey {
	readonly [KEY.partitionKey]: string;
	readonly [KEY.sortKey]: string;
}

/** One table and how to talk to it. */
export interface Table extends RetryPolicy {
	readonly client: DynamoDBDocumentClient;
	readonly tableName: string;
}

export const keyOf = (pk: string, sk: string): ItemKey => ({ [KEY.partitionKey]: pk, [KEY.sortKey]: sk });

/**
 * Strongly consistent; what is read through one client in the same turn of the event loop goes out as one call, of whatever tables it is.
 * @throws UnavailableError
 */
export const getOne = (table: Table, key: ItemKey): Promise<Item | undefined> => turnsOf(table.client).reads.load({ table, key });

/** The items that exist, in the order of their keys; strongly consistent, together as those of `getOne`. @throws UnavailableError */
export async function getMany(table: Table, keys: readonly ItemKey[]): Promise<readonly Item[]> {
	return (await Promise.all(keys.map((key) => getOne(table, key)))).filter((item) => item !== undefined);
}

/**
 * Puts every item, replacing what is there; together with what is put through the same client in the same turn. Of several for one key
 * the last is put. @throws UnavailableError when some may not have been written
 */
export async function putMany(table: Table, items: readonly Item[]): Promise<void> {
	const { writes } = turnsOf(table.client);
	await Promise.all(items.map((item) => writes.load({ table, item })));
}

interface Read {
	readonly table: Table;
	readonly key: ItemKey;
}
interface Write {
	readonly table: Table;
	readonly item: Item;
}
/** What is asked of a client in one turn of the event loop. */
interface Turns {
	readonly reads: DataLoader<Read, Item | undefined>;
	readonly writes: DataLoader<Write, undefined>;
}

const turns = new WeakMap<DynamoDBDocumentClient, Turns>();

function turnsOf(client: DynamoDBDocumentClient): Turns {
	const known = turns.get(client);
	if (known !== undefined) return known;
	const made: Turns = {
		reads: new DataLoader<Read, Item | undefined>(readAll, { cache: false }),
		writes: new DataLoader<Write, undefined>(writeAll, { cache: false }),
	};
	turns.set(client, made);
	return made;
}

const nameOf = (table: string, item: Item | ItemKey): string => [table, item[KEY.partitionKey], item[KEY.sortKey]].join("\u0000");

async function readAll(reads: readonly Read[]): Promise<readonly (Item | undefined)[]> {
	const name = ({ table, key }: Read): string => nameOf(table.tableName, key);
	const distinct = [...new Map(reads.map((read) => [name(read), read])).values()];
	const found = new Map((await Promise.all(chunksOf(distinct, MAX_GETS).map(readChunk))).flat());
	return reads.map((read) => found.get(name(read)));
}

/** The items that exist, by their names. */
async function readChunk(reads: readonly Read[]): Promise<readonly (readonly [string, Item])[]> {
	const items: [string, Item][] = [];
	let left: NonNullable<BatchGetCommand["input"]["RequestItems"]> = mapValues(byTable(reads), (own) => ({
		Keys: own.map(({ key }) => ({ ...key })),
		ConsistentRead: true,
	}));
	await whileLeft(reads, "BatchGetItem", async ({ client }) => {
		const { Responses = {}, UnprocessedKeys = {} } = await client.send(new BatchGetCommand({ RequestItems: left }));
		for (const [table, own] of Object.entries(Responses)) items.push(...own.map((item): [string, Item] => [nameOf(table, item), item]));
		left = UnprocessedKeys;
		return left;
	});
	return items;
}

async function writeAll(writes: readonly Write[]): Promise<readonly undefined[]> {
	const distinct = [...new Map(writes.map((write) => [nameOf(write.table.tableName, write.item), write])).values()];
	await Promise.all(chunksOf(distinct, MAX_PUTS).map(writeChunk));
	return writes.map(() => undefined);
}

async function writeChunk(writes: readonly Write[]): Promise<void> {
	let left: NonNullable<BatchWriteCommand["input"]["RequestItems"]> = mapValues(byTable(writes), (own) =>
		own.map(({ item }) => ({ PutRequest: { Item: { ...item } } })),
	);
	await whileLeft(writes, "BatchWriteItem", async ({ client }) => {
		const { UnprocessedItems = {} } = await client.send(new BatchWriteCommand({ RequestItems: left }));
		left = UnprocessedItems;
		return left;
	});
}

/** Sends until nothing is left over. What a batch leaves over is throttled: the next attempt waits. All that is sent goes through one client. */
async function whileLeft(
	asked: readonly { readonly table: Table }[],
	operation: string,
	send: (table: Table) => Promise<object>,
): Promise<void> {
	const [first] = asked;
	if (first === undefined) return;
	for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
		if (attempt > 0) await backOff(first.table, attempt);
		const left = await repeatable(first.table, operation, () => send(first.table));
		if (Object.keys(left).length === 0) return;
	}
	const tables = [...new Set(asked.map(({ table }) => table.tableName))].join(" and ");
	throw new UnavailableError(`${tables} keep leaving parts of a ${operation} over`);
}

const byTable = <T extends { readonly table: Table }>(asked: readonly T[]): ReadonlyMap<string, readonly T[]> =>
	Map.groupBy(asked, ({ table }) => table.tableName);

const mapValues = <T, U>(map: ReadonlyMap<string, T>, change: (value: T) => U): Record<string, U> =>
	Object.fromEntries([...map].map(([name, value]) => [name, change(value)]));

/** Consecutive parts of at most `size`. */
export const chunksOf = <T>(values: readonly T[], size: number): readonly (readonly T[])[] =>
	Array.from({ length: Math.ceil(values.length / size) }, (_, index) => values.slice(index * size, (index + 1) * size));

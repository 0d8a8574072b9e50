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

/** Strongly consistent; reads of one table that are asked for in the same turn of the event loop go out as one call. @throws UnavailableError */
export function getOne(table: Table, key: ItemKey): Promise<Item | undefined> {
	const known = loaders.get(table);
	if (known !== undefined) return known.load(key);
	const loader = new DataLoader<ItemKey, Item | undefined>((keys) => inOrder(table, keys), { cache: false });
	loaders.set(table, loader);
	return loader.load(key);
}

const loaders = new WeakMap<Table, DataLoader<ItemKey, Item | undefined>>();

async function inOrder(table: Table, keys: readonly ItemKey[]): Promise<readonly (Item | undefined)[]> {
	const items = new Map((await getDistinct(table, keys, true)).map((item) => [nameOf(item), item]));
	return keys.map((key) => items.get(nameOf(key)));
}

/** The items that exist, in the order of their keys, which may not repeat; strongly consistent, together as those of `getOne`. @throws UnavailableError */
export async function getMany(table: Table, keys: readonly ItemKey[]): Promise<readonly Item[]> {
	return (await Promise.all(keys.map((key) => getOne(table, key)))).filter((item) => item !== undefined);
}

/** The items that exist, in no order. Keys may repeat. @param consistent whether reads are strongly consistent @throws UnavailableError */
export async function getDistinct(table: Table, keys: readonly ItemKey[], consistent: boolean): Promise<readonly Item[]> {
	const distinct = [...new Map(keys.map((key) => [nameOf(key), key])).values()];
	return (await Promise.all(chunksOf(distinct, MAX_GETS).map((chunk) => getChunk(table, chunk, consistent)))).flat();
}

const nameOf = (item: Item | ItemKey): string => `${item[KEY.partitionKey]}\u0000${item[KEY.sortKey]}`;

async function getChunk(table: Table, keys: readonly ItemKey[], consistent: boolean): Promise<readonly Item[]> {
	const items: Item[] = [];
	let left: readonly Item[] = keys.map((key) => ({ ...key }));
	for (let attempt = 0; left.length > 0; attempt += 1) {
		await pause(table, attempt, "BatchGetItem");
		const request = { [table.tableName]: { Keys: [...left], ConsistentRead: consistent } };
		const answer = await repeatable(table, "BatchGetItem", () => table.client.send(new BatchGetCommand({ RequestItems: request })));
		items.push(...(answer.Responses?.[table.tableName] ?? []));
		left = answer.UnprocessedKeys?.[table.tableName]?.Keys ?? [];
	}
	return items;
}

/** Puts every item, replacing what is there. Keys must not repeat. @throws UnavailableError when some may not have been written */
export async function putMany(table: Table, items: readonly Item[]): Promise<void> {
	await Promise.all(chunksOf(items, MAX_PUTS).map((chunk) => putChunk(table, chunk)));
}

async function putChunk(table: Table, items: readonly Item[]): Promise<void> {
	let left: NonNullable<BatchWriteCommand["input"]["RequestItems"]>[string] = items.map((item) => ({ PutRequest: { Item: { ...item } } }));
	for (let attempt = 0; left.length > 0; attempt += 1) {
		await pause(table, attempt, "BatchWriteItem");
		const request = { [table.tableName]: left };
		const answer = await repeatable(table, "BatchWriteItem", () => table.client.send(new BatchWriteCommand({ RequestItems: request })));
		left = answer.UnprocessedItems?.[table.tableName] ?? [];
	}
}

/** What a batch left over is throttled: the next attempt waits. */
async function pause(table: Table, attempt: number, operation: string): Promise<void> {
	if (attempt >= MAX_ATTEMPTS) throw new UnavailableError(`${table.tableName} keeps leaving parts of a ${operation} over`);
	if (attempt > 0) await backOff(table, attempt);
}

/** Consecutive parts of at most `size`. */
export const chunksOf = <T>(values: readonly T[], size: number): readonly (readonly T[])[] =>
	Array.from({ length: Math.ceil(values.length / size) }, (_, index) => values.slice(index * size, (index + 1) * size));

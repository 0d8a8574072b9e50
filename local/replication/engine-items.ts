import { createHash } from "node:crypto";
import type { RegionId } from "#domain/geography/region-id.ts";
import { KEY } from "#infra/description/tables.ts";
import type { EngineClient } from "#local/engines/engine-client.ts";
import type { ItemKey } from "#local/gateway/dynamodb-request.ts";

/** An item as DynamoDB's JSON writes it, attribute by attribute. */
export type EngineItem = Readonly<Record<string, unknown>>;

/** What replication needs of the engines. */
export type ItemEngine = Pick<EngineClient, "json">;

const keyOf = ({ pk, sk }: ItemKey): EngineItem => ({ [KEY.partitionKey]: { S: pk }, [KEY.sortKey]: { S: sk } });

/** Strongly consistent. @throws EngineLostError, EngineRefusedError */
export async function readItem(engine: ItemEngine, region: RegionId, key: ItemKey): Promise<EngineItem | undefined> {
	const input = { TableName: key.table, Key: keyOf(key), ConsistentRead: true };
	return (await engine.json<{ Item?: EngineItem }>(region, "DynamoDB_20120810.GetItem", input)).Item;
}

/** Makes the region hold exactly `item`, or nothing. @throws EngineLostError, EngineRefusedError */
export async function storeItem(engine: ItemEngine, region: RegionId, key: ItemKey, item: EngineItem | undefined): Promise<void> {
	if (item === undefined) await engine.json(region, "DynamoDB_20120810.DeleteItem", { TableName: key.table, Key: keyOf(key) });
	else await engine.json(region, "DynamoDB_20120810.PutItem", { TableName: key.table, Item: item });
}

/** The same for equal items, in whatever order attributes and members of sets come; `absent` for none. */
export const fingerprint = (item: EngineItem | undefined): string =>
	item === undefined ? "absent" : createHash("sha256").update(canonical(item)).digest("base64url");

const SETS: ReadonlySet<string> = new Set(["SS", "NS", "BS"]);

function canonical(value: unknown): string {
	if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
	if (typeof value !== "object" || value === null) return JSON.stringify(value);
	const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
	return `{${entries.map(([name, part]) => `${JSON.stringify(name)}:${canonical(SETS.has(name) && Array.isArray(part) ? part.toSorted() : part)}`).join(",")}}`;
}

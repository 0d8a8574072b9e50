import { KEY } from "#infra/description/tables.ts";

/** An item of a table by its primary key, both parts strings. */
export interface ItemKey {
	/** Full table name. */
	readonly table: string;
	readonly pk: string;
	readonly sk: string;
}

const SINGLE_WRITES: ReadonlySet<string> = new Set(["PutItem", "UpdateItem", "DeleteItem"]);
const WRITES: ReadonlySet<string> = new Set([...SINGLE_WRITES, "BatchWriteItem", "TransactWriteItems"]);
const SEVERAL_TABLES: ReadonlySet<string> = new Set(["BatchWriteItem", "BatchGetItem", "TransactWriteItems", "TransactGetItems"]);

/** Whether a DynamoDB operation may change items. */
export const isWrite = (operation: string): boolean => WRITES.has(operation);

/** Full names of the tables that a request names, without repetition; empty for requests about none. */
export function tablesNamed(operation: string, body: Buffer): readonly string[] {
	if (!SEVERAL_TABLES.has(operation)) {
		const name = TABLE_NAME.exec(body.toString("latin1"))?.[1];
		return name === undefined ? [] : [name];
	}
	const request = parse(body);
	if (request.RequestItems !== undefined) return Object.keys(request.RequestItems);
	return [...new Set((request.TransactItems ?? []).flatMap((entry) => Object.values(entry).map((part) => part.TableName ?? "")))];
}

/** Unambiguous without parsing: inside a JSON string the quotes would be escaped, and an attribute of this name has an object as its value. */
const TABLE_NAME = /"TableName"\s*:\s*"(?:arn:[^"]*:table\/)?([^"/]+)/;

/** Keys of the items that a write may change. Parts that are not strings, which the service refuses anyway, are left out. */
export function keysWritten(operation: string, body: Buffer): readonly ItemKey[] {
	const request = parse(body);
	if (SINGLE_WRITES.has(operation)) return keysOf(request.TableName, request.Item ?? request.Key);
	if (request.RequestItems !== undefined) {
		return Object.entries(request.RequestItems).flatMap(([table, parts]) =>
			parts.flatMap((part) => keysOf(table, part.PutRequest?.Item ?? part.DeleteRequest?.Key)),
		);
	}
	return (request.TransactItems ?? []).flatMap(({ ConditionCheck: _, ...writes }) =>
		Object.values(writes).flatMap((part) => keysOf(part.TableName, part.Item ?? part.Key)),
	);
}

type Attributes = Readonly<Record<string, { readonly S?: string }>>;

interface WritePart {
	readonly TableName?: string;
	readonly Item?: Attributes;
	readonly Key?: Attributes;
}

interface WriteRequest extends WritePart {
	readonly RequestItems?: Readonly<
		Record<string, readonly { readonly PutRequest?: { Item?: Attributes }; readonly DeleteRequest?: { Key?: Attributes } }[]>
	>;
	readonly TransactItems?: readonly Readonly<Record<string, WritePart>>[];
}

const parse = (body: Buffer): WriteRequest => JSON.parse(body.toString("utf8")) as WriteRequest;

function keysOf(table: string | undefined, attributes: Attributes | undefined): readonly ItemKey[] {
	const pk = attributes?.[KEY.partitionKey]?.S;
	const sk = attributes?.[KEY.sortKey]?.S;
	return table === undefined || pk === undefined || sk === undefined ? [] : [{ table, pk, sk }];
}

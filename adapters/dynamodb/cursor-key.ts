import { randomBytes } from "node:crypto";
import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { type DynamoDBDocumentClient, GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { CURSOR_KEY, InvalidMetadataError } from "#adapters/dynamodb/metadata-items.ts";
import { ABSENT, callsTo } from "#adapters/dynamodb/versioned-records.ts";

export interface CursorKeyOptions {
	readonly tableName: string;
	/** The own region's copy of the metadata table. */
	readonly nearest: DynamoDBDocumentClient;
	/** The control region's, where the key is made. */
	readonly control: DynamoDBDocumentClient;
}

const KEY_BYTES = 32;

/**
 * The key that authenticates list cursors, one for the deployment: made by whoever needs it first, with a conditional put in the control
 * region, and read by all others from their copy of the metadata table. Kept for the life of the process.
 *
 * The function returned throws UnavailableError; a retry helps.
 */
export function createCursorKey({ tableName, nearest, control }: CursorKeyOptions): () => Promise<Uint8Array> {
	let kept: Promise<Uint8Array> | undefined;
	const read = async (client: DynamoDBDocumentClient, consistent: boolean): Promise<Uint8Array | undefined> => {
		const { Item } = await translated(() =>
			client.send(new GetCommand({ TableName: tableName, Key: CURSOR_KEY, ConsistentRead: consistent })),
		);
		return Item === undefined ? undefined : decode(Item["key"]);
	};
	const find = async (): Promise<Uint8Array> => (await read(nearest, false)) ?? (await read(control, true)) ?? make();
	const make = async (): Promise<Uint8Array> => {
		const key = randomBytes(KEY_BYTES);
		const Item = { ...CURSOR_KEY, key: key.toString("base64") };
		try {
			await translated(() => control.send(new PutCommand({ TableName: tableName, Item, ...ABSENT })));
			return key;
		} catch (error) {
			const theirs = error instanceof ConditionalCheckFailedException ? await read(control, true) : undefined;
			if (theirs === undefined) throw error;
			return theirs;
		}
	};
	return async () => {
		kept ??= find();
		try {
			return await kept;
		} catch (error) {
			kept = undefined;
			throw error;
		}
	};
}

const translated = callsTo("the metadata table", "metadata.unavailable");

/** @throws InvalidMetadataError */
function decode(value: unknown): Uint8Array {
	const key = typeof value === "string" ? Buffer.from(value, "base64") : undefined;
	if (key?.byteLength !== KEY_BYTES) throw new InvalidMetadataError(CURSOR_KEY, "it holds no key");
	return key;
}

import * as z from "zod";
import { DATA_PLANES_KEY, dataPlaneKey } from "#adapters/dynamodb/data-plane-key.ts";
import { isPartitionId, type PartitionId } from "#domain/partition/partition-id.ts";
import { type PartitionRecord, partitionRecordSchema } from "#domain/partition/record.ts";
import type { Freeze } from "#domain/ports/metadata-store.ts";
import { OperatingError } from "#domain/shared/errors.ts";
import { KEY } from "#infra/description/tables.ts";

type Item = Readonly<Record<string, unknown>>;

/** Every partition record's partition key begins so; the rest of the key is the partition. */
export const RECORD_PREFIX = "P#";
const RECORD_SORT_KEY = "record";

export const recordKey = (partition: PartitionId) => ({
	[KEY.partitionKey]: `${RECORD_PREFIX}${partition}`,
	[KEY.sortKey]: RECORD_SORT_KEY,
});

/** The one item that holds the freeze switches. */
export const FREEZE_KEY = { [KEY.partitionKey]: "FREEZE", [KEY.sortKey]: RECORD_SORT_KEY };

const sortKeyIs = (item: Item, sortKey: string): boolean => item[KEY.sortKey] === sortKey;
/** Whether an item of the table is a partition's record. */
export const isRecordItem = (item: Item): boolean =>
	String(item[KEY.partitionKey]).startsWith(RECORD_PREFIX) && sortKeyIs(item, RECORD_SORT_KEY);
/** Whether it holds the freeze switches. */
export const isFreezeItem = (item: Item): boolean => item[KEY.partitionKey] === FREEZE_KEY[KEY.partitionKey];

/** The one item that holds the key of list cursors (cursor-keys.ts). */
export const CURSOR_KEY = { [KEY.partitionKey]: "CURSOR-KEY", [KEY.sortKey]: RECORD_SORT_KEY };

/** A stored item of the metadata table that does not have the shape this release writes. A retry does not help. */
export class InvalidMetadataError extends OperatingError {
	override name = "InvalidMetadataError";
	constructor(key: unknown, cause: unknown) {
		super(`metadata item ${JSON.stringify(key)} has an unexpected shape`, { code: "metadata.invalid", retryable: false, cause });
	}
}

export const encodeRecord = (record: PartitionRecord): Item => ({ ...recordKey(record.partition), ...record });

/** The record without its keys and without what a global table may add for itself (`aws:` attributes). @throws InvalidMetadataError */
export function decodeRecord(item: Item): PartitionRecord {
	const parsed = partitionRecordSchema.safeParse(withoutKeys(item));
	if (!parsed.success) throw new InvalidMetadataError(item[KEY.partitionKey], parsed.error);
	return parsed.data;
}

const freezeSchema = z.strictObject({ global: z.boolean(), regions: partitionRecordSchema.shape.followers });

export const encodeFreeze = (freeze: Freeze): Item => ({ ...FREEZE_KEY, ...freeze });

/** No item: nothing is frozen. @throws InvalidMetadataError */
export function decodeFreeze(item: Item | undefined): Freeze {
	if (item === undefined) return { global: false, regions: [] };
	const parsed = freezeSchema.safeParse(withoutKeys(item));
	if (!parsed.success) throw new InvalidMetadataError(item[KEY.partitionKey], parsed.error);
	return parsed.data;
}

/** Opaque to callers: the last partition seen, or the last region of the data planes. */
export const encodeCursor = (lastKey: Item): string => {
	const pk = String(lastKey[KEY.partitionKey]);
	return Buffer.from(pk === DATA_PLANES_KEY ? `${pk}#${lastKey[KEY.sortKey]}` : pk).toString("base64url");
};

/** The exclusive start key of a page. @throws OperatingError `cursor.invalid` when it is not one that `encodeCursor` made */
export function decodeCursor(cursor: string): Record<string, string> {
	const name = Buffer.from(cursor, "base64url").toString();
	const single = [FREEZE_KEY, CURSOR_KEY].find((key) => name === key[KEY.partitionKey]);
	if (single !== undefined) return single;
	if (name.startsWith(`${DATA_PLANES_KEY}#`)) return dataPlaneKey(name.slice(DATA_PLANES_KEY.length + 1));
	const partition = name.slice(RECORD_PREFIX.length);
	if (name.startsWith(RECORD_PREFIX) && isPartitionId(partition)) return recordKey(partition);
	throw new OperatingError("the cursor is not one that an earlier page gave", { code: "cursor.invalid", retryable: false });
}

const withoutKeys = (item: Item): Item =>
	Object.fromEntries(
		Object.entries(item).filter(([name]) => name !== KEY.partitionKey && name !== KEY.sortKey && !name.startsWith("aws:")),
	);

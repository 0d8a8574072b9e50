import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import * as z from "zod";
import { ITEM_PREFIX, itemKey, JOURNAL_PREFIX, journalKey, num, type Row } from "#adapters/dynamodb/regional-store/table-context.ts";
import { isRegionId, type RegionId } from "#domain/geography/region-id.ts";
import { type Fence, FenceRole, WriteMode } from "#domain/partition/fence.ts";
import type { JournalEntry, StoredItem } from "#domain/partition/item.ts";
import type { BucketRef } from "#domain/partition/partition-id.ts";
import type { Version } from "#domain/partition/version.ts";
import { KEY } from "#infra/description/tables.ts";

/** Attribute names of the data table beside its key. `created`: whether the last write made a live item, for an internal retry's answer. */
export const Attribute = {
	Epoch: "epoch",
	N: "n",
	Body: "body",
	ContentType: "contentType",
	Deleted: "deleted",
	RequestId: "requestId",
	WrittenAtMs: "writtenAtMs",
	Created: "created",
	ExpiresAt: KEY.expiry,
	Role: "role",
	Mode: "mode",
	Seq: "seq",
	Peers: "peers",
	Leader: "leader",
	Buckets: "buckets",
	MigrationId: "migrationId",
} as const;

const text = z.object({ S: z.string() }).transform((value) => value.S);
const number = z.object({ N: z.string() }).transform((value) => Number(value.N));
const flag = z.object({ BOOL: z.boolean() }).transform((value) => value.BOOL);
const region = text.pipe(z.custom<RegionId>((value) => typeof value === "string" && isRegionId(value), "an AWS region code"));

const itemRow = z.object({
	sk: text,
	epoch: number,
	n: number,
	body: z.object({ B: z.instanceof(Uint8Array) }).transform((value) => value.B),
	contentType: text,
	deleted: flag,
	requestId: text,
	writtenAtMs: number,
	expiresAt: number.optional(),
});

const fenceRow = z.object({
	role: text.pipe(z.enum(FenceRole)),
	epoch: number,
	mode: text.pipe(z.enum(WriteMode)),
	seq: number,
	peers: z.object({ L: z.array(region) }).transform((value) => value.L),
	leader: region,
	buckets: number,
	migrationId: text.optional(),
	expiresAt: number.optional(),
});

/** @throws ZodError when the row is no item: a defect, not an outcome. */
export function decodeItem(row: Row): StoredItem {
	const { sk, epoch, n, expiresAt, body, ...rest } = itemRow.parse(row);
	const item = { key: sk.slice(ITEM_PREFIX.length), version: { epoch, n }, body: Uint8Array.from(body), ...rest };
	return expiresAt === undefined ? item : { ...item, expiresAt };
}

/** The row of an item as a whole; `created` only where this region accepted the write. */
export const encodeItem = (ref: BucketRef, item: StoredItem, created?: boolean): Row => ({
	...itemKey(ref, item.key),
	...versionAttributes(item.version),
	...contentAttributes(item),
	...(item.expiresAt !== undefined && { [Attribute.ExpiresAt]: num(item.expiresAt) }),
	...(created !== undefined && { [Attribute.Created]: { BOOL: created } }),
});

/** What a write says of an item beside its version and expiry. */
export const contentAttributes = (item: Omit<StoredItem, "key" | "version" | "expiresAt">): Row => ({
	[Attribute.Body]: { B: item.body },
	[Attribute.ContentType]: { S: item.contentType },
	[Attribute.Deleted]: { BOOL: item.deleted },
	[Attribute.RequestId]: { S: item.requestId },
	[Attribute.WrittenAtMs]: num(item.writtenAtMs),
});

/** Whether the last write of this row made a live item; false where it came by carry. */
export const wasCreated = (row: Row): boolean => row[Attribute.Created]?.BOOL ?? false;

/** @throws ZodError when the row is no fence. */
export function decodeFence(row: Row): Fence {
	const { migrationId, expiresAt, ...rest } = fenceRow.parse(row);
	return { ...rest, ...(migrationId !== undefined && { migrationId }), ...(expiresAt !== undefined && { expiresAt }) };
}

/** A fence's attributes but for `seq`, which a change may leave as it is; undefined where the attribute has to go. */
export const fenceAttributes = (fence: Omit<Fence, "seq">): Record<string, AttributeValue | undefined> => ({
	[Attribute.Role]: { S: fence.role },
	[Attribute.Epoch]: num(fence.epoch),
	[Attribute.Mode]: { S: fence.mode },
	[Attribute.Peers]: { L: fence.peers.map((peer) => ({ S: peer })) },
	[Attribute.Leader]: { S: fence.leader },
	[Attribute.Buckets]: num(fence.buckets),
	[Attribute.MigrationId]: fence.migrationId === undefined ? undefined : { S: fence.migrationId },
	[Attribute.ExpiresAt]: fence.expiresAt === undefined ? undefined : num(fence.expiresAt),
});

const journalRow = z.object({ sk: text, epoch: number, n: number });

export function decodeJournalEntry(row: Row): JournalEntry {
	const { sk, epoch, n } = journalRow.parse(row);
	return { key: sk.slice(JOURNAL_PREFIX.length), version: { epoch, n } };
}

export const encodeJournalEntry = (ref: BucketRef, entry: JournalEntry): Row => ({
	...journalKey(ref, entry.key),
	...versionAttributes(entry.version),
});

export const versionAttributes = (version: Version): Row => ({ [Attribute.Epoch]: num(version.epoch), [Attribute.N]: num(version.n) });

/** `<partition>#<bucket>` and the item's key of a stream record's keys; undefined where it is no item. */
export function parseItemKeys(
	keys: Readonly<Record<string, { readonly S?: string | undefined }>> | undefined,
): { bucketKey: string; key: string } | undefined {
	const pk = keys?.[KEY.partitionKey]?.S;
	const sk = keys?.[KEY.sortKey]?.S;
	return pk === undefined || !sk?.startsWith(ITEM_PREFIX) ? undefined : { bucketKey: pk, key: sk.slice(ITEM_PREFIX.length) };
}

import type { TransactWriteItem } from "@aws-sdk/client-dynamodb";
import { encodeItem } from "#adapters/dynamodb/regional-store/codec.ts";
import { olderThan, versionIs } from "#adapters/dynamodb/regional-store/conditions.ts";
import { fenceCheck } from "#adapters/dynamodb/regional-store/copies.ts";
import { itemKey, type TableContext } from "#adapters/dynamodb/regional-store/table-context.ts";
import { anyOf, Terms } from "#adapters/dynamodb/regional-store/terms.ts";
import { FENCE_ACTION, transact } from "#adapters/dynamodb/regional-store/transact.ts";
import { conditionFailedAt } from "#adapters/dynamodb/translate-error.ts";
import { FenceRole } from "#domain/partition/fence.ts";
import { CARRY_ROLES } from "#domain/partition/fence-rules.ts";
import type { StoredItem } from "#domain/partition/item.ts";
import type { BucketRef } from "#domain/partition/partition-id.ts";
import type { CarryGuard, HeldVersion } from "#domain/ports/regional-store.ts";
import { KEY } from "#infra/description/tables.ts";

/** A transaction takes 100 actions, of which the check of the fence is one; and 4 MB, from which attributes beside the body are kept off. */
const MAX_ITEMS = 99;
const MAX_BYTES = 3_000_000;

/** What an item's row weighs beside its body, at most: key and content type, twice over, and small attributes. */
const ROW_BYTES = 4096;

/** Puts those of the items that are newer than what is here, in as few transactions as their size allows. */
export async function carryItems(
	ctx: TableContext,
	ref: BucketRef,
	items: readonly StoredItem[],
	guard: CarryGuard,
): Promise<"carried" | "refused"> {
	for (const chunk of chunksOf(items)) if ((await carryChunk(ctx, ref, chunk, guard)) === "refused") return "refused";
	return "carried";
}

async function carryChunk(
	ctx: TableContext,
	ref: BucketRef,
	items: readonly StoredItem[],
	guard: CarryGuard,
): Promise<"carried" | "refused"> {
	let left = items;
	while (left.length > 0) {
		const puts = left.map((item) => putIfNewer(ctx, ref, item));
		const failure = await transact(ctx, "a carry", [fenceCheck(ctx, ref, { role: CARRY_ROLES, ...guard }), ...puts]);
		if (failure === undefined) return "carried";
		if (conditionFailedAt(failure, FENCE_ACTION)) return "refused";
		// These are here in this version or a newer one; the others are tried without them.
		const rest = left.filter((_, i) => !conditionFailedAt(failure, i + 1));
		if (rest.length === left.length) throw failure;
		left = rest;
	}
	return "carried";
}

function putIfNewer(ctx: TableContext, ref: BucketRef, item: StoredItem): TransactWriteItem {
	const terms = new Terms();
	const condition = olderThan(terms, item.version);
	return { Put: { TableName: ctx.tableName, Item: encodeItem(ref, item), ConditionExpression: condition, ...terms.maps() } };
}

/** Deletes rows for good, while the fence says removing. Rows that are gone count as deleted. */
export async function deleteItems(
	ctx: TableContext,
	ref: BucketRef,
	held: readonly HeldVersion[],
	guard: Required<CarryGuard>,
): Promise<"deleted" | "refused" | "newer"> {
	for (const chunk of chunksOf(held)) {
		const deletions = chunk.map((one) => deleteIfHeld(ctx, ref, one));
		const failure = await transact(ctx, "a deletion", [fenceCheck(ctx, ref, { role: FenceRole.Removing, ...guard }), ...deletions]);
		if (failure !== undefined) return conditionFailedAt(failure, FENCE_ACTION) ? "refused" : "newer";
	}
	return "deleted";
}

function deleteIfHeld(ctx: TableContext, ref: BucketRef, { key, version }: HeldVersion): TransactWriteItem {
	const terms = new Terms();
	const condition = anyOf(terms.notExists(KEY.partitionKey), versionIs(terms, version));
	return { Delete: { TableName: ctx.tableName, Key: itemKey(ref, key), ConditionExpression: condition, ...terms.maps() } };
}

function chunksOf<T extends HeldVersion & { readonly body?: Uint8Array }>(items: readonly T[]): readonly (readonly T[])[] {
	const chunks: T[][] = [];
	let bytes = Number.POSITIVE_INFINITY;
	for (const item of items) {
		const size = (item.body?.length ?? 0) + ROW_BYTES;
		const last = chunks.at(-1);
		if (last === undefined || last.length >= MAX_ITEMS || bytes + size > MAX_BYTES) {
			chunks.push([item]);
			bytes = size;
		} else {
			last.push(item);
			bytes += size;
		}
	}
	return chunks;
}

import assert from "node:assert/strict";
import { ConditionalCheckFailedException, UpdateItemCommand, type UpdateItemCommandInput } from "@aws-sdk/client-dynamodb";
import { Attribute, contentAttributes, decodeItem, wasCreated } from "#adapters/dynamodb/regional-store/codec.ts";
import { writeCondition } from "#adapters/dynamodb/regional-store/conditions.ts";
import { readItemRow } from "#adapters/dynamodb/regional-store/reads.ts";
import { itemKey, num, type Row, type TableContext } from "#adapters/dynamodb/regional-store/table-context.ts";
import { Terms } from "#adapters/dynamodb/regional-store/terms.ts";
import { backOff, MAX_ATTEMPTS, mayBegin } from "#adapters/dynamodb/retry.ts";
import { classifyFailure, Failure, unavailable } from "#adapters/dynamodb/translate-error.ts";
import type { ItemWrite, WriteOutcome } from "#domain/partition/item.ts";
import { judgeWrite, nextVersion, tombstoneExpiry } from "#domain/partition/judge-write.ts";
import type { BucketRef } from "#domain/partition/partition-id.ts";
import type { SteadyLease } from "#domain/ports/regional-store.ts";
import { assertNever } from "#domain/shared/assert-never.ts";

/**
 * One conditional UpdateItem. Repeated only while the lease holds and only after attempts that certainly did nothing: this write has no
 * expected version, so an attempt that is still on its way could land upon a later write if its repetition had been acknowledged.
 */
export async function writeSteady(ctx: TableContext, ref: BucketRef, write: ItemWrite, lease: SteadyLease): Promise<WriteOutcome> {
	assert.equal(await ctx.client.config.maxAttempts(), 1, "the SDK must not retry behind the lease's back");
	for (let attempt = 0; ; attempt++) {
		if (ctx.clock.nowMs() >= lease.validUntilMs) return { kind: "fence-changed" };
		mayBegin(ctx, write, undefined);
		try {
			return applied(await update(ctx, ref, write, lease.epoch), write, lease.epoch);
		} catch (error) {
			const failure = classifyFailure(error);
			switch (failure) {
				case Failure.Condition:
					assert(error instanceof ConditionalCheckFailedException);
					return explain(error.Item, write, lease.epoch);
				case Failure.Unknown:
					return await settle(ctx, ref, write, error);
				case Failure.NotApplied:
					if (attempt + 1 >= MAX_ATTEMPTS) throw unavailable("a steady write", error);
					await backOff(ctx, attempt);
					break;
				case Failure.Defect:
					throw error;
				default:
					assertNever(failure);
			}
		}
	}
}

/** The row as it was before. */
async function update(ctx: TableContext, ref: BucketRef, write: ItemWrite, epoch: number): Promise<Row | undefined> {
	const { Attributes } = await ctx.client.send(new UpdateItemCommand(updateInput(ctx, ref, write, epoch)));
	return Attributes;
}

function updateInput(ctx: TableContext, ref: BucketRef, write: ItemWrite, epoch: number): UpdateItemCommandInput {
	const terms = new Terms();
	const { content } = write;
	const attributes = contentAttributes({
		body: content?.body ?? new Uint8Array(),
		contentType: content?.contentType ?? "",
		deleted: content === undefined,
		requestId: write.requestId,
		writtenAtMs: write.nowMs,
	});
	const sets = [
		...Object.entries({ [Attribute.Epoch]: num(epoch), ...attributes }).map(([name, value]) => terms.compare(name, "=", value)),
		// Right-hand sides see the row as it was: `nextVersion`, and created = "there was no live item".
		`${terms.name(Attribute.N)} = if_not_exists(${terms.name(Attribute.N)}, ${terms.value(num(write.nowMs - 1))}) + ${terms.value(num(1))}`,
		content === undefined
			? terms.compare(Attribute.Created, "=", { BOOL: false })
			: `${terms.name(Attribute.Created)} = if_not_exists(${terms.name(Attribute.Deleted)}, ${terms.value({ BOOL: true })})`,
	];
	const expiry =
		content === undefined
			? `, ${terms.compare(Attribute.ExpiresAt, "=", num(tombstoneExpiry(write.nowMs)))}`
			: ` REMOVE ${terms.name(Attribute.ExpiresAt)}`;
	return {
		TableName: ctx.tableName,
		Key: itemKey(ref, write.key),
		UpdateExpression: `SET ${sets.join(", ")}${expiry}`,
		ConditionExpression: writeCondition(terms, write, epoch),
		ReturnValues: "ALL_OLD",
		ReturnValuesOnConditionCheckFailure: "ALL_OLD",
		...terms.maps(),
	};
}

function applied(before: Row | undefined, write: ItemWrite, epoch: number): WriteOutcome {
	const previous = before === undefined ? undefined : decodeItem(before);
	return { kind: "written", created: previous?.deleted ?? true, version: nextVersion(previous?.version, epoch, write.nowMs) };
}

function explain(row: Row | undefined, write: ItemWrite, epoch: number): WriteOutcome {
	const verdict = judgeWrite(row === undefined ? undefined : decodeItem(row), write, epoch);
	assert.notEqual(verdict.kind, "put", "the condition and judgeWrite disagree");
	if (verdict.kind === "put") throw new Error("unreachable");
	if (verdict.kind !== "already-written") return verdict;
	return { kind: "written", created: row !== undefined && wasCreated(row), version: verdict.version };
}

/** After an attempt of unknown outcome: its own request id on the item proves it. Else it may still land, so nobody may be told anything. */
async function settle(ctx: TableContext, ref: BucketRef, write: ItemWrite, cause: unknown): Promise<WriteOutcome> {
	const row = await readItemRow(ctx, ref, write.key);
	if (row?.[Attribute.RequestId]?.S !== write.requestId) throw unavailable("a steady write", cause);
	return { kind: "written", created: wasCreated(row), version: decodeItem(row).version };
}

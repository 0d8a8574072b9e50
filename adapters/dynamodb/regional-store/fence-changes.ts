import { randomUUID } from "node:crypto";
import type { TransactWriteItem } from "@aws-sdk/client-dynamodb";
import { Attribute, fenceAttributes } from "#adapters/dynamodb/regional-store/codec.ts";
import { expectationCondition } from "#adapters/dynamodb/regional-store/conditions.ts";
import { fenceKey, num, type TableContext } from "#adapters/dynamodb/regional-store/table-context.ts";
import { Terms } from "#adapters/dynamodb/regional-store/terms.ts";
import { transactOnce } from "#adapters/dynamodb/regional-store/transact.ts";
import { AmbiguousConditionError } from "#adapters/dynamodb/retry.ts";
import { classifyFailure, Failure, unavailable } from "#adapters/dynamodb/translate-error.ts";
import type { Fence, FenceChange } from "#domain/partition/fence.ts";
import type { BucketRef, PartitionId } from "#domain/partition/partition-id.ts";

/** All changes in one transaction, or none. Repetitions carry the same token, so the service answers them as it answered the first. */
export async function changeFences(
	ctx: TableContext,
	partition: PartitionId,
	changes: readonly FenceChange[],
): Promise<"applied" | "refused"> {
	if (changes.length === 0) return "applied";
	const actions = changes.map((change) => action(ctx, partition, change));
	try {
		// The token only has to be unique; no decision depends on it, so it need not come from a seed.
		await transactOnce(ctx, "a change of fences", actions, randomUUID());
		return "applied";
	} catch (error) {
		// Whether an earlier attempt applied is not to be told from here: the caller reads the fences and goes on from what they say.
		if (error instanceof AmbiguousConditionError) throw unavailable("a change of fences", error);
		if (classifyFailure(error) === Failure.Condition) return "refused";
		throw error;
	}
}

function action(ctx: TableContext, partition: PartitionId, { bucket, expect, next }: FenceChange): TransactWriteItem {
	const ref: BucketRef = { partition, bucket };
	const terms = new Terms();
	const update = next === "delete" ? undefined : replacement(terms, next);
	const common = {
		TableName: ctx.tableName,
		Key: fenceKey(ref),
		ConditionExpression: expectationCondition(terms, expect, ctx.clock.nowMs()),
		...terms.maps(),
	};
	return update === undefined ? { Delete: common } : { Update: { ...common, UpdateExpression: update } };
}

/** Replaces every attribute but `seq`, which stays unless it is given. */
function replacement(terms: Terms, next: Omit<Fence, "seq"> & { readonly seq?: number }): string {
	const seq = terms.name(Attribute.Seq);
	const sets = [
		next.seq === undefined ? `${seq} = if_not_exists(${seq}, ${terms.value(num(0))})` : `${seq} = ${terms.value(num(next.seq))}`,
	];
	const removes: string[] = [];
	for (const [attribute, value] of Object.entries(fenceAttributes(next))) {
		if (value === undefined) removes.push(terms.name(attribute));
		else sets.push(`${terms.name(attribute)} = ${terms.value(value)}`);
	}
	return `SET ${sets.join(", ")}${removes.length === 0 ? "" : ` REMOVE ${removes.join(", ")}`}`;
}

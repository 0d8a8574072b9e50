import assert from "node:assert/strict";
import type { PartitionId } from "#domain/partition/partition-id.ts";
import { openWith, sealCursor } from "#lambdas/serve-data/cursor.ts";
import type { ListOperation } from "#lambdas/serve-data/data-request.ts";
import type { DataPlaneDeps } from "#lambdas/serve-data/deps.ts";
import { ProblemError } from "#lambdas/serve-data/problem.ts";

/** The part of a partition that one page is taken from. */
export interface ListRange {
	readonly prefix: string;
	readonly limit: number;
	/** The last key of the page before. */
	readonly after?: string;
}

/** A list that can be begun: where it starts, and how the next one is told to go on. */
export interface BegunList {
	readonly range: ListRange;
	readonly cursorFor: (after: string) => string;
}

/** Looks into the cursor. @throws ProblemError `cursor.invalid` */
export async function beginList(
	{ cursorKeys }: Pick<DataPlaneDeps, "cursorKeys">,
	partition: PartitionId,
	{ prefix, limit, cursor }: ListOperation,
): Promise<BegunList> {
	const [current, ...others] = await cursorKeys.keys();
	assert(current !== undefined, "there is always a current key");
	const scope = { partition, prefix };
	const after = cursor === undefined ? undefined : openWith([current, ...others], scope, cursor);
	// a key that this instance has not heard of yet
	const found = cursor !== undefined && after === undefined ? openWith(await cursorKeys.anew(), scope, cursor) : after;
	if (cursor !== undefined && found === undefined) throw new ProblemError("cursor.invalid");
	return {
		range: { prefix, limit, ...(found !== undefined && { after: found }) },
		cursorFor: (last) => sealCursor(current, scope, last),
	};
}

import type { PartitionId } from "#domain/partition/partition-id.ts";
import { openCursor, sealCursor } from "#lambdas/serve-data/cursor.ts";
import type { ListOperation } from "#lambdas/serve-data/data-request.ts";
import type { DataPlaneDeps } from "#lambdas/serve-data/deps.ts";

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
	{ cursorKey }: Pick<DataPlaneDeps, "cursorKey">,
	partition: PartitionId,
	{ prefix, limit, cursor }: ListOperation,
): Promise<BegunList> {
	const secret = await cursorKey();
	const scope = { partition, prefix };
	return {
		range: { prefix, limit, ...(cursor !== undefined && { after: openCursor(secret, scope, cursor) }) },
		cursorFor: (after) => sealCursor(secret, scope, after),
	};
}

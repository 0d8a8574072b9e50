import { UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import * as z from "zod";
import { readRow } from "#adapters/dynamodb/regional-store/reads.ts";
import { num, rowKey, type TableContext } from "#adapters/dynamodb/regional-store/table-context.ts";
import { anyOf, Terms } from "#adapters/dynamodb/regional-store/terms.ts";
import { AmbiguousConditionError, repeatable } from "#adapters/dynamodb/retry.ts";
import { classifyFailure, Failure } from "#adapters/dynamodb/translate-error.ts";
import type { FeedReports } from "#domain/ports/feed-reports.ts";
import { KEY } from "#infra/description/tables.ts";

/** Beside the bucket's fence and items; no stream feeds it on and no copy of it is made. */
const FEED_SORT_KEY = "feed";
const THROUGH = "throughMs";

/** Seconds after its report for which a row is kept: it outlives its copy by this much, and says nothing useful before. */
const KEPT_SECONDS = 7 * 24 * 3600;

const feedRow = z.object({ [THROUGH]: z.object({ N: z.string() }).transform((value) => Number(value.N)) });

/** The reports of feeds in one region's data table: one row a bucket. */
export const createFeedReports = (ctx: TableContext): FeedReports => ({
	async read(ref) {
		const row = await readRow(ctx, "a read of a feed report", rowKey(ref, FEED_SORT_KEY));
		return row === undefined ? undefined : feedRow.parse(row)[THROUGH];
	},
	async advance(ref, throughMs) {
		const terms = new Terms();
		const later = anyOf(terms.notExists(THROUGH), terms.compare(THROUGH, "<", num(throughMs)));
		const sets = [
			terms.compare(THROUGH, "=", num(throughMs)),
			terms.compare(KEY.expiry, "=", num(Math.ceil(throughMs / 1000) + KEPT_SECONDS)),
		];
		const command = new UpdateItemCommand({
			TableName: ctx.tableName,
			Key: rowKey(ref, FEED_SORT_KEY),
			UpdateExpression: `SET ${sets.join(", ")}`,
			ConditionExpression: later,
			...terms.maps(),
		});
		try {
			await repeatable(ctx, "a feed report", () => ctx.client.send(command));
		} catch (error) {
			// As late a report is there, perhaps this very one.
			if (!(error instanceof AmbiguousConditionError) && classifyFailure(error) !== Failure.Condition) throw error;
		}
	},
});

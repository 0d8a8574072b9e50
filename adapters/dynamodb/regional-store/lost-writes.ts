import { DeleteItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { decodeItem, encodeItem } from "#adapters/dynamodb/regional-store/codec.ts";
import { versionIs } from "#adapters/dynamodb/regional-store/conditions.ts";
import { readPage, readRow } from "#adapters/dynamodb/regional-store/reads.ts";
import { ITEM_PREFIX, LOST_PREFIX, type Row, rowKey, type TableContext } from "#adapters/dynamodb/regional-store/table-context.ts";
import { Terms } from "#adapters/dynamodb/regional-store/terms.ts";
import { AmbiguousConditionError, repeatable } from "#adapters/dynamodb/retry.ts";
import { classifyFailure, Failure } from "#adapters/dynamodb/translate-error.ts";
import type { LostWrites } from "#domain/ports/lost-writes.ts";
import { KEY } from "#infra/description/tables.ts";

/** One region's lost writes: rows as items have them, under a sort key that no list of items and no stream's filter meets. */
export const createLostWrites = (ctx: TableContext): LostWrites => ({
	async keep(ref, write) {
		const row = { ...encodeItem(ref, write), ...rowKey(ref, LOST_PREFIX + write.key) };
		await repeatable(ctx, "a lost write", () => ctx.client.send(new PutItemCommand({ TableName: ctx.tableName, Item: row })));
	},
	async read(ref, key) {
		const row = await readRow(ctx, "a read of a lost write", rowKey(ref, LOST_PREFIX + key));
		return row === undefined ? undefined : decodeLost(row);
	},
	async forget(ref, { key, version }) {
		const terms = new Terms();
		const condition = versionIs(terms, version);
		const Key = rowKey(ref, LOST_PREFIX + key);
		const command = new DeleteItemCommand({ TableName: ctx.tableName, Key, ConditionExpression: condition, ...terms.maps() });
		try {
			await repeatable(ctx, "the removal of a lost write", () => ctx.client.send(command));
		} catch (error) {
			// gone already, perhaps by this very call, or kept anew
			if (!(error instanceof AmbiguousConditionError) && classifyFailure(error) !== Failure.Condition) throw error;
		}
	},
	list: (ref, range) => readPage(ctx, ref, LOST_PREFIX, range, decodeLost),
});

function decodeLost(row: Row) {
	const key = row[KEY.sortKey]?.S?.slice(LOST_PREFIX.length) ?? "";
	return decodeItem({ ...row, [KEY.sortKey]: { S: ITEM_PREFIX + key } });
}

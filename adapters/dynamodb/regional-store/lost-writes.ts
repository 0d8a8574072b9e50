import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import { decodeItem, encodeItem } from "#adapters/dynamodb/regional-store/codec.ts";
import { readPage } from "#adapters/dynamodb/regional-store/reads.ts";
import { ITEM_PREFIX, LOST_PREFIX, type Row, rowKey, type TableContext } from "#adapters/dynamodb/regional-store/table-context.ts";
import { repeatable } from "#adapters/dynamodb/retry.ts";
import type { LostWrites } from "#domain/ports/lost-writes.ts";
import { KEY } from "#infra/description/tables.ts";

/** One region's lost writes: rows as items have them, under a sort key that no list of items and no stream's filter meets. */
export const createLostWrites = (ctx: TableContext): LostWrites => ({
	async keep(ref, write) {
		const row = { ...encodeItem(ref, write), ...rowKey(ref, LOST_PREFIX + write.key) };
		await repeatable(ctx, "a lost write", () => ctx.client.send(new PutItemCommand({ TableName: ctx.tableName, Item: row })));
	},
	list: (ref, range) => readPage(ctx, ref, LOST_PREFIX, range, decodeLost),
});

function decodeLost(row: Row) {
	const key = row[KEY.sortKey]?.S?.slice(LOST_PREFIX.length) ?? "";
	return decodeItem({ ...row, [KEY.sortKey]: { S: ITEM_PREFIX + key } });
}

import { QueryCommand, type QueryCommandInput } from "@aws-sdk/lib-dynamodb";
import type { Item, Table } from "#adapters/dynamodb/batches.ts";
import { repeatable } from "#adapters/dynamodb/retry.ts";

/** Every item of a query over all its pages, strongly consistent. @throws UnavailableError */
export async function queryAll(table: Table, query: Omit<QueryCommandInput, "TableName">): Promise<readonly Item[]> {
	const items: Item[] = [];
	let start: QueryCommandInput["ExclusiveStartKey"];
	do {
		const page = new QueryCommand({ TableName: table.tableName, ConsistentRead: true, ...query, ExclusiveStartKey: start });
		const answer = await repeatable(table, "Query", () => table.client.send(page));
		items.push(...(answer.Items ?? []));
		start = answer.LastEvaluatedKey;
	} while (start !== undefined);
	return items;
}

import { getMany, type Table } from "#adapters/dynamodb/batches.ts";
import { decodeRecord, recordKey } from "#adapters/dynamodb/metadata-items.ts";
import type { PartitionRecords } from "#domain/ports/partition-records.ts";
import { KEY } from "#infra/description/tables.ts";

/** The metadata table of the client's region, many records a call. */
export const createPartitionRecords = (table: Table): PartitionRecords => ({
	async readMany(partitions) {
		const items = await getMany(
			table,
			partitions.map((partition) => {
				const key = recordKey(partition);
				return { pk: String(key[KEY.partitionKey]), sk: String(key[KEY.sortKey]) };
			}),
		);
		const records = items.map(decodeRecord);
		return new Map(records.map((record) => [record.partition, record]));
	},
});

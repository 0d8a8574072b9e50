import * as z from "zod";
import { regionSchema } from "#domain/geography/region-schema.ts";
import { type PartitionRecord, Phase } from "#domain/partition/record.ts";
import { type AdminRequest, type AdminResponse, answer, parseQuery } from "#lambdas/administer/http.ts";
import type { AdminPorts } from "#lambdas/administer/ports.ts";

/** Which partitions, and which page of them. */
export const partitionsQuery = z.strictObject({
	home: regionSchema.optional(),
	phase: z.enum(Phase).optional(),
	prefix: z.string().max(128).optional(),
	cursor: z.string().optional(),
	limit: z.coerce.number().int().min(1).max(1000).default(100),
});
type Filter = z.infer<typeof partitionsQuery>;

/** Pages of the table that one request reads at most when its filter matches little; the cursor goes on from there. */
const MAX_PAGES = 10;

/** `GET partitions?home=&phase=&prefix=&cursor=&limit=`: `home` is the leader. A page may be short, even empty, and yet bear a cursor. */
export async function listPartitions({ metadata }: AdminPorts, request: AdminRequest): Promise<AdminResponse> {
	const { records, cursor } = await readPage(metadata, parseQuery(request, partitionsQuery));
	return answer(200, { partitions: records, ...(cursor === undefined ? {} : { cursor }) });
}

/** A page of the partitions that match. */
export async function readPage(metadata: AdminPorts["metadata"], filter: Filter) {
	const records: PartitionRecord[] = [];
	let { cursor } = filter;
	for (let page = 0; page < MAX_PAGES && records.length < filter.limit; page += 1) {
		const limit = filter.limit - records.length;
		const read = await metadata.list(cursor === undefined ? { limit } : { limit, cursor });
		records.push(...read.records.filter((record) => matches(record, filter)));
		cursor = read.cursor;
		if (cursor === undefined) break;
	}
	return { records, cursor };
}

const matches = (record: PartitionRecord, { home, phase, prefix }: Filter): boolean =>
	(home === undefined || record.leader === home) &&
	(phase === undefined || record.phase === phase) &&
	(prefix === undefined || record.partition.startsWith(prefix));

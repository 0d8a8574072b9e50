import * as z from "zod";
import { copyHistory } from "#domain/partition/copy-history.ts";
import { findRecord, partitionOf } from "#lambdas/administer/find-record.ts";
import { answer, parseQuery } from "#lambdas/administer/http.ts";
import type { Route } from "#lambdas/administer/router.ts";
import { changePartition } from "#lambdas/administer/routes/change-partition.ts";
import { listPartitions } from "#lambdas/administer/routes/list-partitions.ts";
import { startMigration } from "#lambdas/administer/routes/start-migration.ts";

const pageSchema = z.strictObject({ cursor: z.string().optional(), limit: z.coerce.number().int().min(1).max(1000).default(50) });

/** Everything below `partitions`. */
export const PARTITION_ROUTES: readonly Route[] = [
	{ method: "GET", pattern: "partitions", handle: listPartitions },
	{
		method: "GET",
		pattern: "partitions/:partition",
		handle: async (ports, _request, parameters) => answer(200, await findRecord(ports, parameters)),
	},
	{ method: "PATCH", pattern: "partitions/:partition", handle: changePartition },
	{
		method: "GET",
		pattern: "partitions/:partition/decisions",
		handle: async (ports, request, parameters) => {
			const { cursor, limit } = parseQuery(request, pageSchema);
			return answer(200, await ports.decisions.list(partitionOf(parameters), cursor === undefined ? { limit } : { limit, cursor }));
		},
	},
	{
		method: "GET",
		pattern: "partitions/:partition/copies",
		handle: async (ports, _request, parameters) => {
			const record = await findRecord(ports, parameters);
			const { partition } = record;
			return answer(200, { partition, copies: copyHistory(record, await ports.migrations.copyEvents(partition)) });
		},
	},
	{ method: "POST", pattern: "partitions/:partition/migrations", handle: startMigration },
];

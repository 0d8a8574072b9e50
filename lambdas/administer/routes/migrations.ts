import { z } from "zod";
import { type MigrationRecord, MigrationState } from "#domain/migration/record.ts";
import { type AdminRequest, type AdminResponse, answer, parseQuery } from "#lambdas/administer/http.ts";
import type { AdminPorts } from "#lambdas/administer/ports.ts";
import type { Route } from "#lambdas/administer/router.ts";
import { interruptMigration } from "#lambdas/administer/routes/interrupt-migration.ts";
import { showMigration } from "#lambdas/administer/routes/show-migration.ts";

const querySchema = z.strictObject({
	state: z.enum(MigrationState).optional(),
	cursor: z.string().optional(),
	limit: z.coerce.number().int().min(1).max(1000).default(100),
});

/** A migration in a list: without its plan and history. */
const summaryOf = (record: MigrationRecord) => ({
	migrationId: record.migrationId,
	partition: record.partition,
	state: record.state,
	stage: record.stage,
	source: record.source,
	target: record.target,
	epoch: record.epoch,
	requestedBy: record.requestedBy,
	startedAt: record.startedAt,
	...(record.decisionId === undefined ? {} : { decisionId: record.decisionId }),
	...(record.endedAt === undefined ? {} : { endedAt: record.endedAt }),
	...(record.reason === undefined ? {} : { reason: record.reason }),
});

async function listMigrations({ migrations }: AdminPorts, request: AdminRequest): Promise<AdminResponse> {
	const { state, cursor, limit } = parseQuery(request, querySchema);
	const page = await migrations.list({
		limit,
		...(state === undefined ? {} : { state }),
		...(cursor === undefined ? {} : { cursor }),
	});
	return answer(200, { migrations: page.migrations.map(summaryOf), ...(page.cursor === undefined ? {} : { cursor: page.cursor }) });
}

/** Everything below `migrations`. */
export const MIGRATION_ROUTES: readonly Route[] = [
	{ method: "GET", pattern: "migrations", handle: listMigrations },
	{ method: "GET", pattern: "migrations/:migrationId", handle: showMigration },
	{
		method: "POST",
		pattern: "migrations/:migrationId/cancel",
		handle: (ports, _, parameters) => interruptMigration(ports, parameters, "cancel"),
	},
	{
		method: "POST",
		pattern: "migrations/:migrationId/rollback",
		handle: (ports, _, parameters) => interruptMigration(ports, parameters, "rollback"),
	},
];

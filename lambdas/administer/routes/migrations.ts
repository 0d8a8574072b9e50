import * as z from "zod";
import { migrationIdOf } from "#domain/migration/migration-id.ts";
import { type MigrationRecord, MigrationState } from "#domain/migration/record.ts";
import type { PartitionId } from "#domain/partition/partition-id.ts";
import { partitionSchema } from "#domain/partition/partition-schema.ts";
import { AdminProblem, type AdminRequest, type AdminResponse, answer, parseQuery } from "#lambdas/administer/http.ts";
import type { AdminPorts } from "#lambdas/administer/ports.ts";
import type { Route } from "#lambdas/administer/router.ts";
import { interruptMigration } from "#lambdas/administer/routes/interrupt-migration.ts";
import { showMigration } from "#lambdas/administer/routes/show-migration.ts";

const querySchema = z.strictObject({
	state: z.enum(MigrationState).optional(),
	partition: partitionSchema.optional(),
	cursor: z.string().optional(),
	limit: z.coerce.number().int().min(1).max(1000).default(100),
});

/** A migration in a list: without its plan and history. */
export const summaryOf = (record: MigrationRecord) => ({
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

async function listMigrations(ports: AdminPorts, request: AdminRequest): Promise<AdminResponse> {
	const { state, partition, cursor, limit } = parseQuery(request, querySchema);
	const from = { limit, ...(cursor === undefined ? {} : { cursor }) };
	const page =
		partition === undefined
			? await ports.migrations.list({ ...from, ...(state === undefined ? {} : { state }) })
			: await listOfPartition(ports, partition, { ...from, state });
	return answer(200, { migrations: page.migrations.map(summaryOf), ...(page.cursor === undefined ? {} : { cursor: page.cursor }) });
}

interface OwnPage {
	readonly limit: number;
	readonly cursor?: string;
	readonly state: MigrationState | undefined;
}

/** The migrations of one partition, newest first: an epoch has one at most, under an id that is known beforehand. */
async function listOfPartition({ metadata, migrations }: AdminPorts, partition: PartitionId, { limit, cursor, state }: OwnPage) {
	const newest = cursor === undefined ? ((await metadata.readControl(partition))?.epoch ?? 0) : epochOf(cursor);
	const epochs = Array.from({ length: Math.min(limit, newest) }, (_, back) => newest - back);
	const found = await Promise.all(epochs.map((epoch) => migrations.read(migrationIdOf(partition, epoch))));
	const shown = found.filter((record) => record !== undefined).filter((record) => state === undefined || record.state === state);
	return { migrations: shown, ...(newest > epochs.length ? { cursor: String(newest - epochs.length) } : {}) };
}

function epochOf(cursor: string): number {
	if (/^\d{1,15}$/.test(cursor)) return Number(cursor);
	throw new AdminProblem(400, "cursor.invalid", "the cursor is not one that an earlier page gave");
}

/** Everything below `migrations`. */
export const MIGRATION_ROUTES: readonly Route[] = [
	{ method: "GET", pattern: "migrations", handle: listMigrations },
	{ method: "POST", pattern: "migrations/recover", handle: async ({ recover }) => answer(200, await recover()) },
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

import * as z from "zod";
import { createDocumentClient, shareDynamoClients } from "#adapters/dynamodb/client.ts";
import { createLostWritesOf, createParkedKeysOf, createRegionalStores } from "#adapters/dynamodb/dynamodb-regional-store.ts";
import { createMetadataStore } from "#adapters/dynamodb/metadata-store.ts";
import { createMigrationStore } from "#adapters/dynamodb/migration-store.ts";
import { createOpenPromotions } from "#adapters/dynamodb/open-promotions.ts";
import { createMigrationExecutions } from "#adapters/step-functions/migration-executions.ts";
import { createMigrationStarter } from "#adapters/step-functions/migration-starter.ts";
import { listOpen, type ReturnDeps } from "#domain/migration/promotion/return-copies.ts";
import { type ReconcileDeps, type ReconcileReport, reconcileMigrations } from "#domain/migration/reconcile.ts";
import { MIGRATION_SETTINGS } from "#domain/migration/settings.ts";
import type { SweepReturnedDeps } from "#domain/partition/sweep-returned.ts";
import { readEnv } from "#lambdas/reconcile-migrations/env.ts";
import { logStuck } from "#lambdas/reconcile-migrations/log-stuck.ts";
import { returnAndLog } from "#lambdas/reconcile-migrations/return-copies.ts";
import { sweepAndLog } from "#lambdas/reconcile-migrations/sweep-returned.ts";
import { isWalkTime, walkOrphans } from "#lambdas/reconcile-migrations/walk-orphans.ts";
import { observed } from "#lambdas/shared/observed.ts";
import { createOrphanWork, type OrphanWork } from "#lambdas/shared/orphans.ts";
import { runtime } from "#lambdas/shared/runtime.ts";

const eventSchema = z.looseObject({
	scheduledTime: z.iso.datetime({ offset: true }).optional(),
	/** Whether parked keys are swept as well, at the price of a query a region. */
	sweeps: z.boolean().default(true),
});

interface Work {
	readonly recovery: ReconcileDeps;
	readonly returning: ReturnDeps;
	readonly sweeping: SweepReturnedDeps;
	readonly orphans: OrphanWork;
}

let made: Work | undefined;

/**
 * Starts again what nobody is running, takes back copies in regions that have returned, and brings to others what they missed; once a
 * day it also looks for copies that no record explains.
 */
export const handler = observed<unknown, ReconcileReport>(
	"reconcile-migrations",
	async (event, { log }) => {
		const { scheduledTime, sweeps } = eventSchema.parse(event ?? {});
		const { recovery, returning, sweeping, orphans } = deps();
		// Read meanwhile: mostly there is nothing to do, and that is all a run waits for.
		const promotions = listOpen(returning);
		promotions.catch(() => {}); // told below, unless recovery fails first
		const report = await reconcileMigrations(recovery);
		logStuck(report, log);
		await returnAndLog(returning, promotions, log);
		if (sweeps) await sweepAndLog(sweeping, log);
		if (isWalkTime(scheduledTime)) await walkOrphans(orphans, recovery.clock, log);
		return report;
	},
	{
		counts: ({ open, restarted, stuck }) => ({
			MigrationsOpen: open,
			MigrationsRestarted: restarted.length,
			MigrationsStuck: stuck.length,
		}),
	},
);

function deps(): Work {
	if (made !== undefined) return made;
	const env = readEnv(process.env);
	const { clock, random } = runtime();
	const controlRegion = env.CONTROL_REGION;
	const stateMachineArn = env.MIGRATE_STATE_MACHINE_ARN;
	const migrations = createMigrationStore({ tableName: env.MIGRATIONS_TABLE, controlRegion });
	const metadata = createMetadataStore({ tableName: env.METADATA_TABLE, region: controlRegion, controlRegion, clock, random });
	const data = { tableName: env.DATA_TABLE, regions: env.REGIONS, clock, random, clientFor: shareDynamoClients() };
	const stores = createRegionalStores(data);
	const client = createDocumentClient(controlRegion);
	made = {
		recovery: { migrations, executions: createMigrationExecutions({ stateMachineArn, controlRegion }), clock },
		returning: {
			stores,
			lostWrites: createLostWritesOf(data),
			metadata,
			migrations,
			open: createOpenPromotions({ client, tableName: env.DECISIONS_TABLE, clock, random }),
			starter: createMigrationStarter({ stateMachineArn, controlRegion, migrations }),
			regions: env.REGIONS,
			clock,
			quiesceSeconds: MIGRATION_SETTINGS.quiesceSeconds,
		},
		sweeping: { stores, parkedOf: createParkedKeysOf(data), regions: env.REGIONS, clock, random },
		orphans: createOrphanWork({
			regions: env.REGIONS,
			controlRegion,
			dataTable: env.DATA_TABLE,

			decisionsTable: env.DECISIONS_TABLE,
			metadata,
			migrations,
			runtime: runtime(),
		}),
	};
	return made;
}

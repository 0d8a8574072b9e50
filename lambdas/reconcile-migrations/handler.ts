import { z } from "zod";
import { createMetadataStore } from "#adapters/dynamodb/metadata-store.ts";
import { createMigrationStore } from "#adapters/dynamodb/migration-store.ts";
import { createMigrationExecutions } from "#adapters/step-functions/migration-executions.ts";
import { type ReconcileDeps, type ReconcileReport, reconcileMigrations } from "#domain/migration/reconcile.ts";
import { readEnv } from "#lambdas/reconcile-migrations/env.ts";
import { logStuck } from "#lambdas/reconcile-migrations/log-stuck.ts";
import { isWalkHour, walkOrphans } from "#lambdas/reconcile-migrations/walk-orphans.ts";
import { createOrphanWork, type OrphanWork } from "#lambdas/shared/orphans.ts";
import { runtime } from "#lambdas/shared/runtime.ts";

const eventSchema = z.looseObject({ scheduledTime: z.iso.datetime({ offset: true }).optional() });

let made: (ReconcileDeps & { readonly orphans: OrphanWork }) | undefined;

const log = (line: Readonly<Record<string, unknown>>): void => {
	process.stdout.write(`${JSON.stringify(line)}\n`);
};

/** Starts again what nobody is running; once a day it also looks for copies that no record explains. */
export const handler = async (event: unknown): Promise<ReconcileReport> => {
	const { orphans, ...recovery } = deps();
	const report = await reconcileMigrations(recovery);
	logStuck(report, log);
	if (isWalkHour(eventSchema.parse(event ?? {}).scheduledTime)) await walkOrphans(orphans, recovery.clock, log);
	return report;
};

function deps(): NonNullable<typeof made> {
	if (made !== undefined) return made;
	const env = readEnv(process.env);
	const controlRegion = env.CONTROL_REGION;
	const migrations = createMigrationStore({ tableName: env.MIGRATIONS_TABLE, controlRegion });
	made = {
		migrations,
		executions: createMigrationExecutions({ stateMachineArn: env.MIGRATE_STATE_MACHINE_ARN, controlRegion }),
		clock: runtime().clock,
		orphans: createOrphanWork({
			regions: env.REGIONS,
			controlRegion,
			dataTable: env.DATA_TABLE,
			metadataTable: env.METADATA_TABLE,
			decisionsTable: env.DECISIONS_TABLE,
			metadata: createMetadataStore({ tableName: env.METADATA_TABLE, region: controlRegion, controlRegion }),
			migrations,
			runtime: runtime(),
		}),
	};
	return made;
}

import { createMigrationStore } from "#adapters/dynamodb/migration-store.ts";
import { createMigrationExecutions } from "#adapters/step-functions/migration-executions.ts";
import { type ReconcileDeps, type ReconcileReport, reconcileMigrations } from "#domain/migration/reconcile.ts";
import { readEnv } from "#lambdas/reconcile-migrations/env.ts";
import { logStuck } from "#lambdas/reconcile-migrations/log-stuck.ts";
import { runtime } from "#lambdas/shared/runtime.ts";

let made: ReconcileDeps | undefined;

/** Starts again what nobody is running: the schedule's event says nothing that matters here. */
export const handler = async (): Promise<ReconcileReport> => {
	const report = await reconcileMigrations(deps());
	logStuck(report, (line) => process.stdout.write(`${JSON.stringify(line)}\n`));
	return report;
};

function deps(): ReconcileDeps {
	if (made !== undefined) return made;
	const env = readEnv(process.env);
	const controlRegion = env.CONTROL_REGION;
	made = {
		migrations: createMigrationStore({ tableName: env.MIGRATIONS_TABLE, controlRegion }),
		executions: createMigrationExecutions({ stateMachineArn: env.MIGRATE_STATE_MACHINE_ARN, controlRegion }),
		clock: runtime().clock,
	};
	return made;
}

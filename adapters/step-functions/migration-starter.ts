import { createMigrationExecutions, type MigrationExecutionsOptions } from "#adapters/step-functions/migration-executions.ts";
import { startMigration } from "#domain/migration/start-migration.ts";
import type { MigrationStarter } from "#domain/ports/migration-starter.ts";
import type { MigrationStore } from "#domain/ports/migration-store.ts";

export interface MigrationStarterOptions extends MigrationExecutionsOptions {
	/** Tells an execution that ended without a claim from one whose migration goes on. */
	readonly migrations: Pick<MigrationStore, "read">;
}

/** Starts executions of the migrate state machine, named by migrationId: Step Functions refuses a name it has seen. */
export function createMigrationStarter(options: MigrationStarterOptions): MigrationStarter {
	const deps = { executions: createMigrationExecutions(options), migrations: options.migrations };
	return { start: (request) => startMigration(deps, request) };
}

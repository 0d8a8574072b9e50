import { createRegionalStores } from "#adapters/dynamodb/dynamodb-regional-store.ts";
import { createMetadataStore } from "#adapters/dynamodb/metadata-store.ts";
import { createMigrationStore } from "#adapters/dynamodb/migration-store.ts";
import { MIGRATION_SETTINGS } from "#domain/migration/settings.ts";
import type { StageDeps } from "#domain/migration/stage-context.ts";
import type { readEnv } from "#lambdas/run-stage/env.ts";
import type { Runtime } from "#lambdas/shared/runtime.ts";

/** The ports of the stages on the tables of a deployment, one client a region. */
export function createDeps(env: ReturnType<typeof readEnv>, { clock, random }: Runtime): StageDeps {
	const controlRegion = env.CONTROL_REGION;
	return {
		stores: createRegionalStores({ tableName: env.DATA_TABLE, regions: env.REGIONS, clock, random }),
		metadata: createMetadataStore({ tableName: env.METADATA_TABLE, region: controlRegion, controlRegion }),
		migrations: createMigrationStore({ tableName: env.MIGRATIONS_TABLE, controlRegion }),
		clock,
		regions: env.REGIONS,
		settings: MIGRATION_SETTINGS,
	};
}

import { createDocumentClient } from "#adapters/dynamodb/client.ts";
import { createRegionalStores } from "#adapters/dynamodb/dynamodb-regional-store.ts";
import { createMeasureCopy } from "#adapters/dynamodb/measure-copy.ts";
import { createMetadataStore } from "#adapters/dynamodb/metadata-store.ts";
import { createMigrationStore } from "#adapters/dynamodb/migration-store.ts";
import { createPartitionStates } from "#adapters/dynamodb/partition-states.ts";
import { createRttTable } from "#domain/geography/round-trip-time.ts";
import { MIGRATION_SETTINGS } from "#domain/migration/settings.ts";
import type { StageDeps } from "#domain/migration/stage-context.ts";
import { Told } from "#infra/description/told-metrics.ts";
import type { readEnv } from "#lambdas/run-stage/env.ts";
import type { Runtime } from "#lambdas/shared/runtime.ts";
import { MetricUnit, tell } from "#lambdas/shared/tell.ts";

/** The ports of the stages on the tables of a deployment, one client a region. */
export function createDeps(env: ReturnType<typeof readEnv>, { clock, random }: Runtime): StageDeps {
	const controlRegion = env.CONTROL_REGION;
	const client = createDocumentClient(controlRegion);
	return {
		stores: createRegionalStores({ tableName: env.DATA_TABLE, regions: env.REGIONS, clock, random }),
		metadata: createMetadataStore({ tableName: env.METADATA_TABLE, region: controlRegion, controlRegion, clock, random }),
		migrations: createMigrationStore({ tableName: env.MIGRATIONS_TABLE, controlRegion }),
		clock,
		regions: env.REGIONS,
		settings: MIGRATION_SETTINGS,
		onPause: (ms) => tell(Told.WritePause, MetricUnit.Milliseconds, ms),
		states: createPartitionStates({ client, tableName: env.STATE_TABLE, clock, random }),
		measureCopy: createMeasureCopy({ tableName: env.DATA_TABLE, clock, random }),
		rttMs: createRttTable(env.REGIONS, env.RTT_MATRIX),
		controlRegion,
	};
}

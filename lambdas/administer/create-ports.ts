import type * as z from "zod";
import { createAccessCounts } from "#adapters/dynamodb/access-counts.ts";
import type { Table } from "#adapters/dynamodb/batches.ts";
import { createDocumentClient, createDynamoClient } from "#adapters/dynamodb/client.ts";
import { createCursorKeyRing } from "#adapters/dynamodb/cursor-keys.ts";
import { createDataPlaneDirectory } from "#adapters/dynamodb/data-plane-directory.ts";
import { createDecisionStore } from "#adapters/dynamodb/decision-store.ts";
import { countDecisions } from "#adapters/dynamodb/decision-tally.ts";
import { createLostWritesOf, createParkedKeysOf, createRegionalStores } from "#adapters/dynamodb/dynamodb-regional-store.ts";
import { createEventStore } from "#adapters/dynamodb/event-store.ts";
import { createMeasureCopy } from "#adapters/dynamodb/measure-copy.ts";
import { createMetadataChanges } from "#adapters/dynamodb/metadata-changes.ts";
import { createMetadataStore } from "#adapters/dynamodb/metadata-store.ts";
import { createMigrationStore } from "#adapters/dynamodb/migration-store.ts";
import { createModelRegistry } from "#adapters/dynamodb/model-registry.ts";
import { createOpenPromotions } from "#adapters/dynamodb/open-promotions.ts";
import { createPartitionStates } from "#adapters/dynamodb/partition-states.ts";
import { createPredictionStore } from "#adapters/dynamodb/prediction-store.ts";
import { createRegionProbe } from "#adapters/dynamodb/probe-region.ts";
import { createExecutionReader } from "#adapters/step-functions/execution-reader.ts";
import { createMigrationExecutions } from "#adapters/step-functions/migration-executions.ts";
import { createMigrationStarter } from "#adapters/step-functions/migration-starter.ts";
import { createPredictionStarter } from "#adapters/step-functions/prediction-starter.ts";
import { createRttTable } from "#domain/geography/round-trip-time.ts";
import { promote } from "#domain/migration/promotion/promote.ts";
import { reclaim } from "#domain/migration/promotion/reclaim.ts";
import { returnCopies } from "#domain/migration/promotion/return-copies.ts";
import { reconcileMigrations } from "#domain/migration/reconcile.ts";
import { MIGRATION_SETTINGS } from "#domain/migration/settings.ts";
import { sweepReturned } from "#domain/partition/sweep-returned.ts";
import type { DecisionStore } from "#domain/ports/decision-store.ts";
import type { PredictionStore } from "#domain/ports/prediction-store.ts";
import type { administerEnvSchema } from "#lambdas/administer/env.ts";
import type { AdminPorts, DecisionReader, PredictionReader } from "#lambdas/administer/ports.ts";
import { createOrphanWork } from "#lambdas/shared/orphans.ts";
import type { Runtime } from "#lambdas/shared/runtime.ts";

/** Work of one request in ms, well below the function's timeout of 30 s. */
const WORK_MS = 15_000;
const SCAN_PAGES = 200;

/** The ports on DynamoDB and Step Functions of the control region. */
export function createPorts(env: z.infer<typeof administerEnvSchema>, runtime: Runtime): AdminPorts {
	const { clock, random } = runtime;
	const controlRegion = env.CONTROL_REGION;
	const client = createDocumentClient(controlRegion);
	const table = (tableName: string): Table => ({ client, tableName, clock, random });
	const stateMachineArn = env.MIGRATE_STATE_MACHINE_ARN;
	const decisions = table(env.DECISIONS_TABLE);
	const migrations = createMigrationStore({ tableName: env.MIGRATIONS_TABLE, controlRegion });
	const metadata = createMetadataStore({ tableName: env.METADATA_TABLE, region: env.AWS_REGION, controlRegion, clock, random });
	const orphans = createOrphanWork({
		regions: env.REGIONS,
		controlRegion,
		dataTable: env.DATA_TABLE,

		decisionsTable: env.DECISIONS_TABLE,
		metadata,
		migrations,
		runtime,
	});
	const data = { tableName: env.DATA_TABLE, regions: env.REGIONS, clock, random };
	const stores = createRegionalStores(data);
	const lostWrites = createLostWritesOf(data);
	const executions = createMigrationExecutions({ stateMachineArn, controlRegion });
	const starter = createMigrationStarter({ stateMachineArn, controlRegion, migrations });
	const open = createOpenPromotions(decisions);
	const promoting = { stores, metadata, migrations, open, clock, quiesceSeconds: MIGRATION_SETTINGS.quiesceSeconds };
	return {
		metadata,
		changes: createMetadataChanges(table(env.CHANGES_TABLE)),
		migrations,
		decisions: readDecisions(createDecisionStore(decisions), () => countDecisions(decisions)),
		predictions: readPredictions(createPredictionStore(table(env.PREDICTIONS_TABLE))),
		counts: createAccessCounts(table(env.TELEMETRY_TABLE)),
		holdoutShare: env.PLACEMENT.holdoutShare,
		models: createModelRegistry(table(env.PREDICTIONS_TABLE)),
		events: createEventStore(table(env.PREDICTIONS_TABLE)),
		startMigration: starter,
		startPrediction: createPredictionStarter({
			stateMachineArn: env.PREDICT_STATE_MACHINE_ARN,
			controlRegion,
			nextName: () => `operator-${random.id()}`,
		}),
		findExecution: createExecutionReader({ stateMachineArn, controlRegion }),
		recover: async () => {
			const deadlineMs = clock.nowMs() + WORK_MS;
			const report = await reconcileMigrations({ migrations, executions, clock });
			const returned = await returnCopies({ ...promoting, lostWrites, starter, regions: env.REGIONS }, deadlineMs);
			const parked = await sweepReturned({ stores, parkedOf: createParkedKeysOf(data), regions: env.REGIONS, clock, random }, deadlineMs);
			return { ...report, returned, parked };
		},
		probeRegion: createRegionProbe({ tableName: env.DATA_TABLE, clock }),
		orphans: {
			store: orphans.store,
			scan: () => orphans.find({ untilMs: clock.nowMs() + WORK_MS, pages: SCAN_PAGES }),
			remove: (orphan) => orphans.remove(orphan, clock.nowMs() + WORK_MS),
		},
		promotions: {
			promote: (partition, request) => promote(promoting, partition, request, clock.nowMs() + WORK_MS),
			reclaim: (partition, request) => reclaim(promoting, partition, request, clock.nowMs() + WORK_MS),
		},
		planning: {
			states: createPartitionStates(table(env.STATE_TABLE)),
			measureCopy: createMeasureCopy({ tableName: env.DATA_TABLE, clock, random }),
			rttMs: createRttTable(env.REGIONS, env.RTT_MATRIX),
			controlRegion,
		},
		cursorKeys: createCursorKeyRing({ tableName: env.METADATA_TABLE, nearest: client, control: client, clock }),
		lostWrites,
		clock,
		regions: env.REGIONS,
		controlRegion,
		dataPlanes: createDataPlaneDirectory({ client: createDynamoClient(controlRegion), tableName: env.METADATA_TABLE }, clock),
	};
}

/** The cursor is the time of the last decision shown: the next page is older. */
const readDecisions = (store: Pick<DecisionStore, "list">, count: () => Promise<number>): DecisionReader => ({
	count,
	async list(partition, { cursor, limit }) {
		const decisions = await store.list(partition, cursor === undefined ? { limit } : { limit, before: cursor });
		const last = decisions.at(-1);
		return last === undefined || decisions.length < limit ? { decisions } : { decisions, cursor: last.decidedAt };
	},
});

const readPredictions =
	(store: Pick<PredictionStore, "readPartitions">): PredictionReader =>
	async (partitions) =>
		new Map(
			[...(await store.readPartitions(partitions))].map(([partition, { vectors }]) => [
				partition,
				vectors.toSorted((a, b) => a.windowHours - b.windowHours),
			]),
		);

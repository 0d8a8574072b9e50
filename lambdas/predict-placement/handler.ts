import { SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { createAccessCounts } from "#adapters/dynamodb/access-counts.ts";
import { createCalendarStore } from "#adapters/dynamodb/calendar-store.ts";
import { createDocumentClient } from "#adapters/dynamodb/client.ts";
import { createDecisionStore } from "#adapters/dynamodb/decision-store.ts";
import { createEventStore } from "#adapters/dynamodb/event-store.ts";
import { createMetadataStore } from "#adapters/dynamodb/metadata-store.ts";
import { createMigrationStore } from "#adapters/dynamodb/migration-store.ts";
import { createPartitionStates } from "#adapters/dynamodb/partition-states.ts";
import { createPredictionStore } from "#adapters/dynamodb/prediction-store.ts";
import { createChronosPredictor } from "#adapters/sagemaker/chronos/chronos-predictor.ts";
import { createSageMakerPredictor } from "#adapters/sagemaker/sagemaker-predictor.ts";
import { createMigrationStarter } from "#adapters/step-functions/migration-starter.ts";
import { createRttTable } from "#domain/geography/round-trip-time.ts";
import { settingsOf } from "#domain/placement/policy.ts";
import type { ForecastScore } from "#domain/prediction/score-forecast.ts";
import { RUN_SETTINGS } from "#domain/prediction/settings.ts";
import { decidePlacement as decide } from "#lambdas/predict-placement/decide-placement.ts";
import { decideEnv, forecastEnv, predictEnv, startEnv } from "#lambdas/predict-placement/env.ts";
import { forecastShard as forecast } from "#lambdas/predict-placement/forecast-shard.ts";
import { listShards as list } from "#lambdas/predict-placement/list-shards.ts";
import type { DecideResult, RunPlan, ShardResult, StartResult } from "#lambdas/predict-placement/payloads.ts";
import { readHistory } from "#lambdas/predict-placement/read-history.ts";
import { startMigrations as start } from "#lambdas/predict-placement/start-migrations.ts";
import { tellScore } from "#lambdas/predict-placement/tell-score.ts";
import { observe, observed } from "#lambdas/shared/observed.ts";
import { once } from "#lambdas/shared/once.ts";
import { runtime } from "#lambdas/shared/runtime.ts";

const observing = observe("predict-placement");

/** Which shards have something to forecast: the first state of the machine. */
export const listShards = observed<unknown, RunPlan>(observing, (input) => list(listDeps(), input));
/** Forecasts one shard. */
export const forecastShard = observed<unknown, ShardResult>(observing, (input) => forecast(forecastDeps(), input), {
	counts: ({ forecast: partitions }) => ({ PartitionsForecast: partitions }),
});
/** Decides and records for every partition forecast. */
export const decidePlacement = observed<unknown, DecideResult>(observing, (input) => decide(decideDeps(), input), {
	counts: ({ considered, moving }) => ({ PartitionsConsidered: considered, MovesDecided: moving }),
});
/** Starts the migrations decided on. */
export const startMigrations = observed<unknown, StartResult>(observing, (input) => start(startDeps(), input), {
	counts: ({ started }) => ({ MigrationsStarted: started }),
});

const connect = once(() => {
	const env = predictEnv.parse(process.env);
	const { clock, random } = runtime();
	const client = createDocumentClient(env.CONTROL_REGION, { marshallOptions: { removeUndefinedValues: true } });
	const table = (tableName: string) => ({ client, tableName, clock, random });
	const predictions = table(env.PREDICTIONS_TABLE);
	return {
		env,
		clock,
		table,
		predictions,
		store: createPredictionStore(predictions),
		calendar: createCalendarStore(predictions),
		counts: createAccessCounts(table(env.TELEMETRY_TABLE)),
	};
});

const listDeps = once(() => ({ ...connect(), regions: connect().env.REGIONS, settings: RUN_SETTINGS, last: { progress: undefined } }));

const forecastDeps = once(() => {
	const { env, clock, predictions, counts, store, calendar } = connect();
	const { MODEL_ENDPOINT_NAME, FORECAST_ENDPOINT_NAME } = forecastEnv.parse(process.env);
	const client = new SageMakerRuntimeClient({ region: env.CONTROL_REGION });
	const pool = createSageMakerPredictor({ client, endpointName: MODEL_ENDPOINT_NAME });
	const history = readHistory(counts);
	const endpointName = FORECAST_ENDPOINT_NAME;
	const onScore = (score: ForecastScore) => tellScore(observing.metrics, score);
	const predictor = endpointName === "" ? pool : createChronosPredictor({ client, endpointName, history, pool, clock, onFallback });
	const events = createEventStore(predictions);
	return { counts, store, predictor, events, calendar, regions: env.REGIONS, settings: RUN_SETTINGS, onScore };
});

/** One line a failed call, which a metric filter counts. */
function onFallback(reason: string, partitions: number): void {
	observing.log({ level: "warn", code: "forecast.fallback", reason, partitions });
}

const decideDeps = once(() => {
	const { env, table, store } = connect();
	const { STATE_TABLE, PLACEMENT } = decideEnv.parse(process.env);
	return {
		store,
		states: createPartitionStates(table(STATE_TABLE)),
		metadata: createMetadataStore({
			tableName: env.METADATA_TABLE,
			region: env.CONTROL_REGION,
			controlRegion: env.CONTROL_REGION,
			...runtime(),
		}),
		decisions: createDecisionStore(table(env.DECISIONS_TABLE)),
		regions: env.REGIONS,
		controlRegion: env.CONTROL_REGION,
		rttMs: createRttTable(env.REGIONS, env.RTT_MATRIX),
		settings: settingsOf(PLACEMENT),
		policy: PLACEMENT,
	};
});

const startDeps = once(() => {
	const env = startEnv.parse(process.env);
	const controlRegion = env.CONTROL_REGION;
	const migrations = createMigrationStore({ tableName: env.MIGRATIONS_TABLE, controlRegion });
	return { starter: createMigrationStarter({ stateMachineArn: env.MIGRATE_STATE_MACHINE_ARN, controlRegion, migrations }) };
});

import { envSchema } from "#lambdas/shared/env.ts";

/** What every function of the prediction needs. */
export const predictEnv = envSchema.pick({
	REGIONS: true,
	CONTROL_REGION: true,
	METADATA_TABLE: true,
	TELEMETRY_TABLE: true,
	PREDICTIONS_TABLE: true,
	DECISIONS_TABLE: true,
	RTT_MATRIX: true,
});
export const forecastEnv = envSchema.pick({ MODEL_ENDPOINT_NAME: true, FORECAST_ENDPOINT_NAME: true });
export const decideEnv = envSchema.pick({ STATE_TABLE: true, PLACEMENT: true });
export const startEnv = envSchema.pick({ CONTROL_REGION: true, MIGRATIONS_TABLE: true, MIGRATE_STATE_MACHINE_ARN: true });

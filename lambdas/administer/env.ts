import { envSchema } from "#lambdas/shared/env.ts";

/** What this function reads from its environment, once, at cold start. */
export const administerEnvSchema = envSchema.pick({
	AWS_REGION: true,
	REGIONS: true,
	CONTROL_REGION: true,
	METADATA_TABLE: true,
	DATA_TABLE: true,
	MIGRATIONS_TABLE: true,
	DECISIONS_TABLE: true,
	PREDICTIONS_TABLE: true,
	CHANGES_TABLE: true,
	STATE_TABLE: true,
	TELEMETRY_TABLE: true,
	PLACEMENT: true,
	RTT_MATRIX: true,
	MIGRATE_STATE_MACHINE_ARN: true,
	PREDICT_STATE_MACHINE_ARN: true,
});

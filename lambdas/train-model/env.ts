import { envSchema } from "#lambdas/shared/env.ts";

/** What every function of the training needs. */
export const trainEnv = envSchema.pick({ STAGE: true, CONTROL_REGION: true, PREDICTIONS_TABLE: true });
export const countsEnv = envSchema.pick({ TELEMETRY_TABLE: true });
export const bucketEnv = envSchema.pick({ FEATURES_BUCKET: true });
export const geographyEnv = envSchema.pick({ REGIONS: true, RTT_MATRIX: true });
export const platformEnv = envSchema.pick({
	MODEL_ENDPOINT_NAME: true,
	TRAINING_ROLE_ARN: true,
	TRAINING_INSTANCE: true,
	RESOURCE_TAGS: true,
});

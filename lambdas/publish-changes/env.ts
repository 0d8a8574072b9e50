import { envSchema } from "#lambdas/shared/env.ts";

export const publishChangesEnv = envSchema.pick({ CONTROL_REGION: true, CHANGES_TABLE: true });

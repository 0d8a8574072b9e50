import { envSchema } from "#lambdas/shared/env.ts";

/** What carry-stream reads from its environment (infra/description/functions.ts). */
const carryStreamEnv = envSchema.pick({ AWS_REGION: true, REGIONS: true, DATA_TABLE: true });

/** @throws ZodError, and so fails the cold start, when the deployment is wired wrongly. */
export const readEnv = (environment: NodeJS.ProcessEnv) => carryStreamEnv.parse(environment);

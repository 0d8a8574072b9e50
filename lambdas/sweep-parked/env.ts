import { envSchema } from "#lambdas/shared/env.ts";

/** What the sweep reads from its environment (infra/description/functions.ts). */
const sweepParkedEnv = envSchema.pick({ AWS_REGION: true, REGIONS: true, DATA_TABLE: true });

/** @throws ZodError, and so fails the cold start, when the deployment is wired wrongly. */
export const readEnv = (environment: NodeJS.ProcessEnv) => sweepParkedEnv.parse(environment);

import { envSchema } from "#lambdas/shared/env.ts";

/** What the archive reads from its environment (infra/description/functions.ts). */
const archiveEnv = envSchema.pick({ REGIONS: true, PARTITION_RULE: true });

/** @throws ZodError, and so fails the cold start, when the deployment is wired wrongly. */
export const readEnv = (environment: NodeJS.ProcessEnv) => archiveEnv.parse(environment);

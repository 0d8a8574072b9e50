import { envSchema } from "#lambdas/shared/env.ts";

/** What recovery reads from its environment (infra/description/functions.ts). */
const reconcileEnv = envSchema.pick({ CONTROL_REGION: true, MIGRATIONS_TABLE: true, MIGRATE_STATE_MACHINE_ARN: true });

/** @throws ZodError, and so fails the cold start, when the deployment is wired wrongly. */
export const readEnv = (environment: NodeJS.ProcessEnv) => reconcileEnv.parse(environment);

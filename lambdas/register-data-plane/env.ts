import { envSchema } from "#lambdas/shared/env.ts";

/** What the registration reads from its environment (infra/description/functions.ts). */
const registerEnv = envSchema.pick({ AWS_REGION: true, CONTROL_REGION: true, METADATA_TABLE: true });

/** @throws ZodError, and so fails the deployment, when it is wired wrongly. */
export const readEnv = (environment: NodeJS.ProcessEnv) => registerEnv.parse(environment);

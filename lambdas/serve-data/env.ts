import { envSchema } from "#lambdas/shared/env.ts";

/** What serve-data reads from its environment (infra/description/functions.ts). */
const serveDataEnv = envSchema.pick({
	AWS_REGION: true,
	REGIONS: true,
	CONTROL_REGION: true,
	METADATA_TABLE: true,
	DATA_TABLE: true,
	STATE_TABLE: true,
	ACCESS: true,
	AWS_LAMBDA_FUNCTION_MEMORY_SIZE: true,
	RESIDENCY_RULES: true,
});

/** @throws ZodError, and so fails the cold start, when the deployment is wired wrongly. */
export const readEnv = (environment: NodeJS.ProcessEnv) => serveDataEnv.parse(environment);

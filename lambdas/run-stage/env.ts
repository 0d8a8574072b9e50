import { envSchema } from "#lambdas/shared/env.ts";

/** What every stage of a migration reads from its environment (infra/description/functions.ts). */
const stageEnv = envSchema.pick({
	REGIONS: true,
	CONTROL_REGION: true,
	METADATA_TABLE: true,
	DATA_TABLE: true,
	MIGRATIONS_TABLE: true,
	STATE_TABLE: true,
	RTT_MATRIX: true,
});

/** @throws ZodError, and so fails the cold start, when the deployment is wired wrongly. */
export const readEnv = (environment: NodeJS.ProcessEnv) => stageEnv.parse(environment);

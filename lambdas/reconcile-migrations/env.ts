import { envSchema } from "#lambdas/shared/env.ts";

/** What recovery reads from its environment (infra/description/functions.ts). */
const reconcileEnv = envSchema.pick({
	REGIONS: true,
	CONTROL_REGION: true,
	METADATA_TABLE: true,
	DATA_TABLE: true,
	MIGRATIONS_TABLE: true,
	DECISIONS_TABLE: true,
	MIGRATE_STATE_MACHINE_ARN: true,
});

/** @throws ZodError, and so fails the cold start, when the deployment is wired wrongly. */
export const readEnv = (environment: NodeJS.ProcessEnv) => reconcileEnv.parse(environment);

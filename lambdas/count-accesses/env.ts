import { envSchema } from "#lambdas/shared/env.ts";

export const countAccessesEnv = envSchema.pick({
	AWS_REGION: true,
	REGIONS: true,
	CONTROL_REGION: true,
	TELEMETRY_TABLE: true,
	STATE_TABLE: true,
	PARTITION_RULE: true,
	RTT_MATRIX: true,
});

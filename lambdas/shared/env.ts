import * as z from "zod";
import { accessPolicySchema } from "#domain/access/policy.ts";
import { type RegionId, regionId } from "#domain/geography/region-id.ts";
import { isPartitionPattern } from "#domain/partition/residency-rules.ts";
import { placementPolicySchema } from "#domain/placement/policy.ts";
import { parsePartitionRule } from "#domain/routing/partition-rule.ts";

const region = z.string().transform((value) => regionId(value));
const json = z.string().transform((text) => JSON.parse(text) as unknown);

/**
 * The schemas of the environment variables named in infra/description/deployment.ts. A function's own `env.ts` picks those it
 * declares there (`envSchema.pick({ ... })`) and parses `process.env` once, at cold start.
 */
export const envSchema = z.object({
	/** Set by the Lambda service: the region the function runs in. */
	AWS_REGION: region,
	/** Set by the Lambda service, in MB. */
	AWS_LAMBDA_FUNCTION_MEMORY_SIZE: z.coerce.number().int().min(128).default(1024),
	STAGE: z.string().min(1),
	REGIONS: z.string().transform((csv): readonly RegionId[] => csv.split(",").map((part) => regionId(part))),
	CONTROL_REGION: region,
	METADATA_TABLE: z.string().min(1),
	DATA_TABLE: z.string().min(1),
	MIGRATIONS_TABLE: z.string().min(1),
	TELEMETRY_TABLE: z.string().min(1),
	STATE_TABLE: z.string().min(1),
	PREDICTIONS_TABLE: z.string().min(1),
	DECISIONS_TABLE: z.string().min(1),
	CHANGES_TABLE: z.string().min(1),
	/** Who may reach which partitions; nobody where nothing is said. */
	ACCESS: json.pipe(accessPolicySchema),
	MIGRATE_STATE_MACHINE_ARN: z.string().min(1),
	PREDICT_STATE_MACHINE_ARN: z.string().min(1),
	MODEL_ENDPOINT_NAME: z.string().min(1),
	FORECAST_ENDPOINT_NAME: z.string(),
	RESIDENCY_RULES: json.pipe(
		z.array(z.object({ partitions: z.string().refine(isPartitionPattern), regions: z.array(region).readonly() })).readonly(),
	),
	/** How requests name their partition. */
	PARTITION_RULE: z.string().transform(parsePartitionRule),
	/** What placement may use up and whom it leaves alone. */
	PLACEMENT: json.pipe(placementPolicySchema),
	FEATURES_BUCKET: z.string().min(1),
	TRAINING_ROLE_ARN: z.string().min(1),
	TRAINING_INSTANCE: z.string().min(1),
	/** On what a function makes. */
	RESOURCE_TAGS: json.pipe(z.record(z.string(), z.string())),
	RTT_MATRIX: z
		.string()
		.transform((text) => (text === "" ? undefined : (JSON.parse(text) as unknown)))
		.pipe(z.record(z.string(), z.record(z.string(), z.number().min(0))).optional()),
});

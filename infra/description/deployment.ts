import type { AccessSettings } from "#domain/access/policy.ts";
import type { RegionId } from "#domain/geography/region-id.ts";
import type { ResidencyRule } from "#domain/partition/residency-rules.ts";
import type { PlacementPolicyInput } from "#domain/placement/policy.ts";
import { DEFAULT_PARTITION_RULE } from "#domain/routing/partition-rule.ts";
import { TableName, tableName } from "#infra/description/tables.ts";

/** What is known of a deployment once its resources have names: the source of every function's environment. */
export interface Deployment {
	/** Scopes all names, for example `prod` or `local`. */
	readonly stage: string;
	/** At least one; order is presentation only. */
	readonly regions: readonly RegionId[];
	/** Where metadata is written and state machines run; one of `regions`. */
	readonly controlRegion: RegionId;
	/** ARNs by state machine name (`migrate`, `predict`). */
	readonly stateMachineArns: Readonly<Record<string, string>>;
	/** Who may reach which partitions. @default nobody: a deployment has to say whom it lets in */
	readonly access?: AccessSettings;
	/** Name of the SageMaker endpoint that serves the model. */
	readonly modelEndpointName: string;
	/** The bucket of training sets and model archives, in the control region. */
	readonly featuresBucket: string;
	/** The role of training jobs. */
	readonly trainingRoleArn: string;
	/** The instance type of training jobs, for example `ml.m7i.large`. */
	readonly trainingInstance: string;
	/** On what functions make, as on what stacks make. */
	readonly tags: Readonly<Record<string, string>>;
	/** Name of a customer's own endpoint that speaks the Chronos-2 JumpStart JSON; absent: the model above alone. */
	readonly forecastEndpointName?: string;
	/** Where new partitions may have copies, by their names. @default anywhere */
	readonly residency?: readonly ResidencyRule[];
	/** What placement may use up and whom it leaves alone. @default domain/placement/policy.ts */
	readonly placement?: PlacementPolicyInput;
	/** How requests name their partition, as `parsePartitionRule` reads it. @default the data API's paths */
	readonly partitionRule?: string;
	/** The application that the edge sends requests to. @default the data planes */
	readonly application?: ApplicationFunction;
	/** Round-trip times in ms by `from` then `to`, where a measured matrix overrides the model; absent: the model of domain/geography. */
	readonly rttMatrix?: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** An application's own function in every region, which looks after its data by the guard (docs/internals/guard.md). */
export interface ApplicationFunction {
	/** The same in every region, in the deployment's account. */
	readonly functionName: string;
	/** Function URLs by region. */
	readonly urls: Readonly<Record<string, string>>;
}

/** The names a function may ask for in its environment, each with how it is made. Keys are the environment variable names. */
export const ENVIRONMENT = {
	STAGE: (d: Deployment) => d.stage,
	/** Comma-separated. */
	REGIONS: (d: Deployment) => d.regions.join(","),
	CONTROL_REGION: (d: Deployment) => d.controlRegion as string,
	METADATA_TABLE: (d: Deployment) => tableName(d.stage, TableName.Metadata),
	DATA_TABLE: (d: Deployment) => tableName(d.stage, TableName.Data),
	MIGRATIONS_TABLE: (d: Deployment) => tableName(d.stage, TableName.Migrations),
	TELEMETRY_TABLE: (d: Deployment) => tableName(d.stage, TableName.Telemetry),
	STATE_TABLE: (d: Deployment) => tableName(d.stage, TableName.State),
	PREDICTIONS_TABLE: (d: Deployment) => tableName(d.stage, TableName.Predictions),
	DECISIONS_TABLE: (d: Deployment) => tableName(d.stage, TableName.Decisions),
	CHANGES_TABLE: (d: Deployment) => tableName(d.stage, TableName.Changes),
	/** JSON of an access policy (domain/access/policy.ts). */
	ACCESS: (d: Deployment) => JSON.stringify(d.access ?? { mode: "closed" }),
	MIGRATE_STATE_MACHINE_ARN: (d: Deployment) => d.stateMachineArns["migrate"] ?? "",
	PREDICT_STATE_MACHINE_ARN: (d: Deployment) => d.stateMachineArns["predict"] ?? "",
	MODEL_ENDPOINT_NAME: (d: Deployment) => d.modelEndpointName,
	FEATURES_BUCKET: (d: Deployment) => d.featuresBucket,
	TRAINING_ROLE_ARN: (d: Deployment) => d.trainingRoleArn,
	TRAINING_INSTANCE: (d: Deployment) => d.trainingInstance,
	/** JSON object of tags by key. */
	RESOURCE_TAGS: (d: Deployment) => JSON.stringify(d.tags),
	/** Empty where there is none. */
	FORECAST_ENDPOINT_NAME: (d: Deployment) => d.forecastEndpointName ?? "",
	/** JSON of the residency rules, first match first. */
	RESIDENCY_RULES: (d: Deployment) => JSON.stringify(d.residency ?? []),
	PARTITION_RULE: (d: Deployment) => d.partitionRule ?? DEFAULT_PARTITION_RULE,
	/** JSON of a placement policy. */
	PLACEMENT: (d: Deployment) => JSON.stringify(d.placement ?? {}),
	/** JSON object of objects in ms, or empty for the built-in model. */
	RTT_MATRIX: (d: Deployment) => (d.rttMatrix === undefined ? "" : JSON.stringify(d.rttMatrix)),
} as const satisfies Record<string, (deployment: Deployment) => string>;

export type EnvironmentKey = keyof typeof ENVIRONMENT;

/** The environment of a function that asks for `keys`. */
export const environmentFor = (deployment: Deployment, keys: readonly EnvironmentKey[]): Record<string, string> =>
	Object.fromEntries(keys.map((key) => [key, ENVIRONMENT[key](deployment)]));

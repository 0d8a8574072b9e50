import type { EnvironmentKey } from "#infra/description/deployment.ts";

/** One Lambda function as both the CDK stacks and the local Lambda host create it. */
export interface FunctionDescription {
	/** Kebab-case; the full name is `heliotrope-<stage>-<name>`. */
	readonly name: string;
	/** Entry file below the repository root. */
	readonly entry: string;
	/** The exported handler. */
	readonly handler: string;
	/** `edge`: Lambda@Edge, no environment, configuration baked in. */
	readonly placement: "every-region" | "control" | "edge";
	readonly timeoutSeconds: number;
	readonly memoryMb: number;
	readonly environment: readonly EnvironmentKey[];
}

/** The hard timeout of the data plane; the quiesce wait builds on it (protocol, "steady -> guarded"). */
export const DATA_PLANE_TIMEOUT_SECONDS = 10;

const STAGE_ENVIRONMENT = [
	"STAGE",
	"REGIONS",
	"CONTROL_REGION",
	"METADATA_TABLE",
	"DATA_TABLE",
	"MIGRATIONS_TABLE",
	"STATE_TABLE",
	"RTT_MATRIX",
] as const;
const PREDICT_ENVIRONMENT = [
	"STAGE",
	"REGIONS",
	"CONTROL_REGION",
	"METADATA_TABLE",
	"TELEMETRY_TABLE",
	"PREDICTIONS_TABLE",
	"DECISIONS_TABLE",
	"RTT_MATRIX",
] as const;

const stage = (name: string, handler: string): FunctionDescription => ({
	name,
	entry: "lambdas/run-stage/handler.ts",
	handler,
	placement: "control",
	timeoutSeconds: 300,
	memoryMb: 1024,
	environment: STAGE_ENVIRONMENT,
});

const predict = (name: string, handler: string, environment: readonly EnvironmentKey[]): FunctionDescription => ({
	name,
	entry: "lambdas/predict-placement/handler.ts",
	handler,
	placement: "control",
	timeoutSeconds: 300,
	memoryMb: 1024,
	environment,
});

const train = (name: string, handler: string, environment: readonly EnvironmentKey[], timeoutSeconds = 120): FunctionDescription => ({
	name,
	entry: "lambdas/train-model/handler.ts",
	handler,
	placement: "control",
	timeoutSeconds,
	memoryMb: 1024,
	environment: ["STAGE", "CONTROL_REGION", "PREDICTIONS_TABLE", ...environment],
});
const PLATFORM_ENVIRONMENT = ["MODEL_ENDPOINT_NAME", "TRAINING_ROLE_ARN", "TRAINING_INSTANCE", "RESOURCE_TAGS"] as const;

export const FUNCTIONS: readonly FunctionDescription[] = [
	{
		name: "serve-data",
		entry: "lambdas/serve-data/handler.ts",
		handler: "handler",
		placement: "every-region",
		timeoutSeconds: DATA_PLANE_TIMEOUT_SECONDS,
		memoryMb: 1024,
		environment: ["STAGE", "REGIONS", "CONTROL_REGION", "METADATA_TABLE", "DATA_TABLE", "STATE_TABLE", "ACCESS", "RESIDENCY_RULES"],
	},
	{
		name: "carry-stream",
		entry: "lambdas/carry-stream/handler.ts",
		handler: "handler",
		placement: "every-region",
		timeoutSeconds: 60,
		memoryMb: 512,
		environment: ["STAGE", "REGIONS", "DATA_TABLE"],
	},
	{
		name: "sweep-parked",
		entry: "lambdas/sweep-parked/handler.ts",
		handler: "handler",
		placement: "every-region",
		timeoutSeconds: 300,
		memoryMb: 512,
		environment: ["STAGE", "REGIONS", "DATA_TABLE"],
	},
	{
		name: "register-data-plane",
		entry: "lambdas/register-data-plane/handler.ts",
		handler: "handler",
		placement: "every-region",
		timeoutSeconds: 60,
		memoryMb: 256,
		environment: ["STAGE", "CONTROL_REGION", "METADATA_TABLE"],
	},
	{
		name: "route-request",
		entry: "lambdas/route-request/handler.ts",
		handler: "handler",
		placement: "edge",
		timeoutSeconds: 30,
		memoryMb: 512,
		environment: [],
	},
	{
		name: "learn-route",
		entry: "lambdas/learn-route/handler.ts",
		handler: "handler",
		placement: "edge",
		timeoutSeconds: 30,
		memoryMb: 512,
		environment: [],
	},
	stage("plan-migration", "plan"),
	stage("create-replica", "createReplica"),
	stage("quiesce", "quiesce"),
	stage("synchronize", "synchronize"),
	stage("verify", "verify"),
	stage("shift-traffic", "shiftTraffic"),
	stage("cut-over", "cutover"),
	stage("update-metadata", "updateMetadata"),
	stage("soak", "soak"),
	stage("remove-source", "removeSource"),
	stage("settle", "settle"),
	stage("cancel-migration", "cancel"),
	stage("roll-back", "rollBack"),
	{
		name: "reconcile-migrations",
		entry: "lambdas/reconcile-migrations/handler.ts",
		handler: "handler",
		placement: "control",
		timeoutSeconds: 300,
		memoryMb: 512,
		environment: [
			"STAGE",
			"REGIONS",
			"CONTROL_REGION",
			"METADATA_TABLE",
			"DATA_TABLE",
			"MIGRATIONS_TABLE",
			"DECISIONS_TABLE",
			"MIGRATE_STATE_MACHINE_ARN",
		],
	},
	{
		name: "count-accesses",
		entry: "lambdas/count-accesses/handler.ts",
		handler: "handler",
		placement: "control",
		timeoutSeconds: 60,
		memoryMb: 512,
		environment: ["STAGE", "REGIONS", "CONTROL_REGION", "TELEMETRY_TABLE", "STATE_TABLE", "PARTITION_RULE", "RTT_MATRIX"],
	},
	{
		name: "archive-accesses",
		entry: "lambdas/archive-accesses/handler.ts",
		handler: "handler",
		placement: "control",
		timeoutSeconds: 60,
		memoryMb: 512,
		environment: ["STAGE", "REGIONS", "PARTITION_RULE"],
	},
	predict("list-shards", "listShards", PREDICT_ENVIRONMENT),
	predict("forecast-shard", "forecastShard", [...PREDICT_ENVIRONMENT, "MODEL_ENDPOINT_NAME", "FORECAST_ENDPOINT_NAME"]),
	predict("decide-placement", "decidePlacement", [...PREDICT_ENVIRONMENT, "STATE_TABLE", "PLACEMENT"]),
	predict("start-migrations", "startMigrations", ["STAGE", "CONTROL_REGION", "MIGRATIONS_TABLE", "MIGRATE_STATE_MACHINE_ARN"]),
	train("restore-model", "restoreModel", ["FEATURES_BUCKET", ...PLATFORM_ENVIRONMENT]),
	train("list-training-days", "listTrainingDays", ["TELEMETRY_TABLE"]),
	train("export-training-day", "exportTrainingDay", ["TELEMETRY_TABLE", "FEATURES_BUCKET"], 900),
	train("plan-training", "planTraining", ["FEATURES_BUCKET", "REGIONS", "RTT_MATRIX"]),
	train("start-training", "startTraining", ["FEATURES_BUCKET", ...PLATFORM_ENVIRONMENT]),
	train("check-training", "checkTraining", PLATFORM_ENVIRONMENT),
	train("judge-candidate", "judgeCandidate", ["FEATURES_BUCKET"]),
	train("promote-model", "promoteModel", PLATFORM_ENVIRONMENT),
	train("check-promotion", "checkPromotion", PLATFORM_ENVIRONMENT),
	train("record-training", "recordTraining", []),
	{
		name: "publish-changes",
		entry: "lambdas/publish-changes/handler.ts",
		handler: "handler",
		placement: "control",
		timeoutSeconds: 60,
		memoryMb: 256,
		environment: ["STAGE", "CONTROL_REGION", "CHANGES_TABLE"],
	},
	{
		name: "administer",
		entry: "lambdas/administer/handler.ts",
		handler: "handler",
		placement: "control",
		timeoutSeconds: 30,
		memoryMb: 512,
		environment: [
			...STAGE_ENVIRONMENT,
			"TELEMETRY_TABLE",
			"DECISIONS_TABLE",
			"PREDICTIONS_TABLE",
			"CHANGES_TABLE",
			"PLACEMENT",
			"MIGRATE_STATE_MACHINE_ARN",
			"PREDICT_STATE_MACHINE_ARN",
		],
	},
];

export const functionName = (stage: string, name: string): string => `heliotrope-${stage}-${name}`;

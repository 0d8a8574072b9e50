import { S3Client } from "@aws-sdk/client-s3";
import { SageMakerClient } from "@aws-sdk/client-sagemaker";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { createAccessCounts } from "#adapters/dynamodb/access-counts.ts";
import { createDynamoClient } from "#adapters/dynamodb/client.ts";
import { createModelRegistry } from "#adapters/dynamodb/model-registry.ts";
import { createObjectStore } from "#adapters/s3/object-store.ts";
import { createModelPlatform } from "#adapters/sagemaker/model-platform.ts";
import { TRAINING_SETTINGS } from "#domain/prediction/training/settings.ts";
import { once } from "#lambdas/shared/once.ts";
import { runtime } from "#lambdas/shared/runtime.ts";
import { bucketEnv, countsEnv, geographyEnv, platformEnv, trainEnv } from "#lambdas/train-model/env.ts";
import { exportDay } from "#lambdas/train-model/export-day.ts";
import { judge } from "#lambdas/train-model/judge.ts";
import { listDays } from "#lambdas/train-model/list-days.ts";
import type { ExportedDay, Judged, Listed, Promoted, Trained, TrainingPlan } from "#lambdas/train-model/payloads.ts";
import { planTraining as plan } from "#lambdas/train-model/plan-training.ts";
import { checkPromotion as checkServing, promote, recordFailure } from "#lambdas/train-model/promote.ts";
import { checkTraining as check, startTraining as start } from "#lambdas/train-model/run-training.ts";

/** Which days are missing in the training set: the first state of the machine. */
export const listTrainingDays = (input: unknown): Promise<Listed> =>
	listDays({ counts: counts(), registry: registry(), stage: connect().env.STAGE, settings: TRAINING_SETTINGS }, input);
/** Puts one day into the training set. */
export const exportTrainingDay = (input: unknown): Promise<ExportedDay> => exportDay({ counts: counts(), objects: objects() }, input);
/** Whether a candidate is worth training. */
export const planTraining = (input: unknown): Promise<TrainingPlan> => {
	const { REGIONS: regions, RTT_MATRIX: rttMatrix } = geographyEnv.parse(process.env);
	return plan({ registry: registry(), objects: objects(), regions, rttMatrix, settings: TRAINING_SETTINGS }, input);
};
/** Starts the training job. */
export const startTraining = (input: unknown): Promise<Trained> =>
	start(platform(), `s3://${bucketEnv.parse(process.env).FEATURES_BUCKET}/`, input);
/** Looks at the training job. */
export const checkTraining = (input: unknown): Promise<Trained> => check(platform(), input);
/** Decides between the candidate and what is in use. */
export const judgeCandidate = (input: unknown): Promise<Judged> => judge({ registry: registry(), objects: objects() }, input);
/** Begins to serve the candidate. */
export const promoteModel = (input: unknown): Promise<Judged> => promote(platform(), input);
/** Whether the candidate serves. */
export const checkPromotion = (input: unknown): Promise<Promoted> =>
	checkServing({ platform: platform(), registry: registry(), bucketUrl: (url) => /^s3:\/\/[^/]+\//.exec(url)?.[0] ?? "" }, input);
/** Records a run that failed. */
export const recordTraining = (input: unknown): Promise<{ readonly recorded: string }> => recordFailure(registry(), input);

const connect = once(() => {
	const env = trainEnv.parse(process.env);
	const { clock, random } = runtime();
	const client = DynamoDBDocumentClient.from(createDynamoClient(env.CONTROL_REGION), { marshallOptions: { removeUndefinedValues: true } });
	return { env, table: (tableName: string) => ({ client, tableName, clock, random }) };
});
const counts = once(() => createAccessCounts(connect().table(countsEnv.parse(process.env).TELEMETRY_TABLE)));
const registry = once(() => createModelRegistry(connect().table(connect().env.PREDICTIONS_TABLE)));
const objects = once(() =>
	createObjectStore(new S3Client({ region: connect().env.CONTROL_REGION }), bucketEnv.parse(process.env).FEATURES_BUCKET),
);
const platform = once(() => {
	const env = platformEnv.parse(process.env);
	return createModelPlatform({
		client: new SageMakerClient({ region: connect().env.CONTROL_REGION }),
		endpointName: env.MODEL_ENDPOINT_NAME,
		trainingRoleArn: env.TRAINING_ROLE_ARN,
		instanceType: env.TRAINING_INSTANCE,
	});
});

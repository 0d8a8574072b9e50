import { S3Client } from "@aws-sdk/client-s3";
import { SageMakerClient } from "@aws-sdk/client-sagemaker";
import { createAccessCounts } from "#adapters/dynamodb/access-counts.ts";
import { createDocumentClient } from "#adapters/dynamodb/client.ts";
import { createModelRegistry } from "#adapters/dynamodb/model-registry.ts";
import { createObjectStore } from "#adapters/s3/object-store.ts";
import { createModelPlatform } from "#adapters/sagemaker/model-platform.ts";
import { TRAINING_SETTINGS } from "#domain/prediction/training/settings.ts";
import { observe, observed } from "#lambdas/shared/observed.ts";
import { once } from "#lambdas/shared/once.ts";
import { runtime } from "#lambdas/shared/runtime.ts";
import { bucketEnv, countsEnv, geographyEnv, platformEnv, trainEnv } from "#lambdas/train-model/env.ts";
import { exportDay } from "#lambdas/train-model/export-day.ts";
import { judge } from "#lambdas/train-model/judge.ts";
import { listDays } from "#lambdas/train-model/list-days.ts";
import type { ExportedDay, Judged, Listed, Promoted, Restored, Trained, TrainingPlan } from "#lambdas/train-model/payloads.ts";
import { planTraining as plan } from "#lambdas/train-model/plan-training.ts";
import { checkPromotion as checkServing, promote, recordFailure, restoreInUse } from "#lambdas/train-model/promote.ts";
import { checkTraining as check, startTraining as start } from "#lambdas/train-model/run-training.ts";

const observing = observe("train-model");

/** A state's function; its runs are counted by state. */
const step = <Result>(name: string, run: (input: unknown) => Promise<Result>) =>
	observed<unknown, Result>(observing, run, { dimension: ["step", name], counts: () => ({ TrainingSteps: 1 }) });

/** Serves the model in use again after a deployment: the first state of the machine. */
export const restoreModel = step<Restored>("restoreModel", (input) =>
	restoreInUse({ platform: platform(), registry: registry(), bucketUrl: bucketUrl() }, input),
);
/** Which days are missing in the training set. */
export const listTrainingDays = step<Listed>("listTrainingDays", (input) =>
	listDays({ counts: counts(), registry: registry(), stage: connect().env.STAGE, settings: TRAINING_SETTINGS }, input),
);
/** Puts one day into the training set. */
export const exportTrainingDay = step<ExportedDay>("exportTrainingDay", (input) =>
	exportDay({ counts: counts(), objects: objects() }, input),
);
/** Whether a candidate is worth training. */
export const planTraining = step<TrainingPlan>("planTraining", (input) => {
	const { REGIONS: regions, RTT_MATRIX: rttMatrix } = geographyEnv.parse(process.env);
	return plan({ registry: registry(), objects: objects(), regions, rttMatrix, settings: TRAINING_SETTINGS }, input);
});
/** Starts the training job. */
export const startTraining = step<Trained>("startTraining", (input) => start(platform(), bucketUrl(), input));
/** Looks at the training job. */
export const checkTraining = step<Trained>("checkTraining", (input) => check(platform(), input));
/** Decides between the candidate and what is in use. */
export const judgeCandidate = step<Judged>("judgeCandidate", (input) => judge({ registry: registry(), objects: objects() }, input));
/** Begins to serve the candidate. */
export const promoteModel = step<Judged>("promoteModel", (input) => promote(platform(), input));
/** Whether the candidate serves. */
export const checkPromotion = step<Promoted>("checkPromotion", (input) =>
	checkServing({ platform: platform(), registry: registry(), bucketUrl: (url) => /^s3:\/\/[^/]+\//.exec(url)?.[0] ?? "" }, input),
);
/** Records a run that failed. */
export const recordTraining = step<{ readonly recorded: string }>("recordTraining", (input) => recordFailure(registry(), input));

const connect = once(() => {
	const env = trainEnv.parse(process.env);
	const { clock, random } = runtime();
	const client = createDocumentClient(env.CONTROL_REGION, { marshallOptions: { removeUndefinedValues: true } });
	return { env, table: (tableName: string) => ({ client, tableName, clock, random }) };
});
const counts = once(() => createAccessCounts(connect().table(countsEnv.parse(process.env).TELEMETRY_TABLE)));
const registry = once(() => createModelRegistry(connect().table(connect().env.PREDICTIONS_TABLE)));
const objects = once(() =>
	createObjectStore(new S3Client({ region: connect().env.CONTROL_REGION }), bucketEnv.parse(process.env).FEATURES_BUCKET),
);
const bucketUrl = (): string => `s3://${bucketEnv.parse(process.env).FEATURES_BUCKET}/`;
const platform = once(() => {
	const env = platformEnv.parse(process.env);
	return createModelPlatform({
		client: new SageMakerClient({ region: connect().env.CONTROL_REGION }),
		endpointName: env.MODEL_ENDPOINT_NAME,
		trainingRoleArn: env.TRAINING_ROLE_ARN,
		instanceType: env.TRAINING_INSTANCE,
		tags: env.RESOURCE_TAGS,
	});
});

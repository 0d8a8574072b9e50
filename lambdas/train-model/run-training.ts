import type { ModelPlatform } from "#domain/ports/model-platform.ts";
import { startInputSchema, type Trained } from "#lambdas/train-model/payloads.ts";
import { COUNTS_PREFIX, contextPrefix, JOBS_PREFIX } from "#lambdas/train-model/training-set.ts";

/** Starts the training job of a run; starting it again changes nothing. @param bucketUrl `s3://bucket/` */
export async function startTraining(platform: ModelPlatform, bucketUrl: string, input: unknown): Promise<Trained> {
	const { scheduledTime, name } = startInputSchema.parse(input);
	await platform.startTraining({
		name,
		channels: { train: `${bucketUrl}${COUNTS_PREFIX}`, context: `${bucketUrl}${contextPrefix(name)}` },
		outputUrl: `${bucketUrl}${JOBS_PREFIX}`,
		hyperparameters: {},
	});
	return { scheduledTime, name, status: "running" };
}

/** How the job does. */
export async function checkTraining(platform: ModelPlatform, input: unknown): Promise<Trained> {
	const { scheduledTime, name } = startInputSchema.parse(input);
	return { scheduledTime, name, ...(await platform.describeTraining(name)) };
}

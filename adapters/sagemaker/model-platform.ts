import { createHash } from "node:crypto";
import {
	CreateEndpointConfigCommand,
	CreateModelCommand,
	CreateTrainingJobCommand,
	DescribeEndpointCommand,
	DescribeEndpointConfigCommand,
	DescribeModelCommand,
	DescribeTrainingJobCommand,
	type SageMakerClient,
	UpdateEndpointCommand,
} from "@aws-sdk/client-sagemaker";
import type { ModelPlatform, TrainingRequest, TrainingStatus } from "#domain/ports/model-platform.ts";
import { OperatingError, UnavailableError } from "#domain/shared/errors.ts";

export interface ModelPlatformOptions {
	readonly client: SageMakerClient;
	readonly endpointName: string;
	readonly trainingRoleArn: string;
	/** For example `ml.m7i.large`. */
	readonly instanceType: string;
	/** On jobs, models and configurations, by key. */
	readonly tags: Readonly<Record<string, string>>;
}

const MAX_RUNTIME_SECONDS = 4 * 3600;
const VOLUME_GB = 30;

/** Training jobs and the endpoint in SageMaker. A candidate is named like its job everywhere. */
export const createModelPlatform = (options: ModelPlatformOptions): ModelPlatform => ({
	startTraining: (request) => translated(() => startTraining(options, request)),
	describeTraining: (name) => translated(() => describeTraining(options, name)),
	promote: (name, artefactUrl) => translated(() => promote(options, name, artefactUrl)),
	restore: (name, artefactUrl) => translated(() => restore(options, name, artefactUrl)),
	promotionState: (name) => translated(() => promotionState(options, name)),
});

async function startTraining(options: ModelPlatformOptions, request: TrainingRequest): Promise<void> {
	const { client, trainingRoleArn, instanceType } = options;
	// one image trains and serves
	const TrainingImage = (await servedNow(options)).model.PrimaryContainer?.Image;
	await unlessThere(() =>
		client.send(
			new CreateTrainingJobCommand({
				TrainingJobName: request.name,
				AlgorithmSpecification: { TrainingImage, TrainingInputMode: "File" },
				RoleArn: trainingRoleArn,
				InputDataConfig: Object.entries(request.channels).map(([ChannelName, S3Uri]) => ({
					ChannelName,
					DataSource: { S3DataSource: { S3DataType: "S3Prefix", S3Uri, S3DataDistributionType: "FullyReplicated" } },
				})),
				OutputDataConfig: { S3OutputPath: request.outputUrl },
				ResourceConfig: { InstanceCount: 1, InstanceType: instanceType as never, VolumeSizeInGB: VOLUME_GB },
				StoppingCondition: { MaxRuntimeInSeconds: MAX_RUNTIME_SECONDS },
				HyperParameters: request.hyperparameters,
				Tags: tagList(options),
			}),
		),
	);
}

async function describeTraining({ client }: ModelPlatformOptions, name: string): Promise<TrainingStatus> {
	const job = await client.send(new DescribeTrainingJobCommand({ TrainingJobName: name }));
	if (job.TrainingJobStatus === "Completed") return { status: "completed", artefactUrl: job.ModelArtifacts?.S3ModelArtifacts ?? "" };
	if (job.TrainingJobStatus === "Failed" || job.TrainingJobStatus === "Stopped")
		return { status: "failed", why: job.FailureReason ?? `the training job was ${job.TrainingJobStatus.toLowerCase()}` };
	return { status: "running" };
}

async function promote(options: ModelPlatformOptions, name: string, artefactUrl: string): Promise<void> {
	const served = await servedNow(options);
	if (served.configName !== name) await serve(options, name, artefactUrl, served);
}

async function restore(options: ModelPlatformOptions, name: string, artefactUrl: string): Promise<boolean> {
	const served = await servedNow(options);
	if (served.status !== "InService" || served.configName === name || served.configName?.startsWith(`${name}-`)) return false;
	await serve(options, `${name}-${fingerprintOf(served)}`, artefactUrl, served);
	return true;
}

/** Of image and capacity: what was made for others bears another name, and cannot be changed. */
const fingerprintOf = ({ model, variants }: Served): string =>
	createHash("sha256")
		.update(JSON.stringify([model.PrimaryContainer?.Image, variants.map((one) => ({ ...one, ModelName: undefined }))]))
		.digest("hex")
		.slice(0, 8);

/** The new model runs in the image, under the role and on the capacity of the one that is served now. */
async function serve(options: ModelPlatformOptions, name: string, artefactUrl: string, { model, variants }: Served): Promise<void> {
	const { client, endpointName } = options;
	const Tags = tagList(options);
	const { PrimaryContainer: { Image, Environment } = {}, ExecutionRoleArn } = model;
	// Nothing else of it: SageMaker also tells of the archive in a form that it refuses beside a URL
	const PrimaryContainer = { Image, ...(Environment === undefined ? {} : { Environment }), ModelDataUrl: artefactUrl };
	await unlessThere(() => client.send(new CreateModelCommand({ ModelName: name, PrimaryContainer, ExecutionRoleArn, Tags })));
	const ProductionVariants = variants.map((one) => ({ ...one, ModelName: name }));
	await unlessThere(() => client.send(new CreateEndpointConfigCommand({ EndpointConfigName: name, ProductionVariants, Tags })));
	await client.send(new UpdateEndpointCommand({ EndpointName: endpointName, EndpointConfigName: name }));
}

const tagList = ({ tags }: ModelPlatformOptions) => Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

type Served = Awaited<ReturnType<typeof servedNow>>;

async function servedNow({ client, endpointName }: Pick<ModelPlatformOptions, "client" | "endpointName">) {
	const { EndpointConfigName, EndpointStatus } = await client.send(new DescribeEndpointCommand({ EndpointName: endpointName }));
	const { ProductionVariants = [] } = await client.send(new DescribeEndpointConfigCommand({ EndpointConfigName }));
	const model = await client.send(new DescribeModelCommand({ ModelName: ProductionVariants[0]?.ModelName }));
	return { configName: EndpointConfigName, status: EndpointStatus, variants: ProductionVariants, model };
}

async function promotionState({ client, endpointName }: ModelPlatformOptions, name: string): Promise<"updating" | "serving" | "failed"> {
	const { EndpointStatus, EndpointConfigName } = await client.send(new DescribeEndpointCommand({ EndpointName: endpointName }));
	if (EndpointStatus !== "InService") return EndpointStatus === "Failed" ? "failed" : "updating";
	return EndpointConfigName === name ? "serving" : "failed";
}

/** Creates what a run before may have created. */
async function unlessThere(create: () => Promise<unknown>): Promise<void> {
	try {
		await create();
	} catch (error) {
		const isThere =
			error instanceof Error &&
			(error.name === "ResourceInUse" || (error.name === "ValidationException" && /already exist/i.test(error.message)));
		if (!isThere) throw error;
	}
}

const PASSING = new Set(["ThrottlingException", "ServiceUnavailable", "InternalFailure", "TimeoutError", "NetworkingError"]);

async function translated<T>(work: () => Promise<T>): Promise<T> {
	try {
		return await work();
	} catch (cause) {
		if (!(cause instanceof Error)) throw cause;
		const status = (cause as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
		if (PASSING.has(cause.name) || status === undefined || status >= 500)
			throw new UnavailableError("SageMaker does not answer", { code: "model-platform.unavailable", cause });
		throw new OperatingError(`SageMaker refused: ${cause.message}`, { code: "model-platform.refused", retryable: false, cause });
	}
}

import * as z from "zod";
import { type AwsReply, awsError, awsJson } from "#local/gateway/aws-service.ts";
import { type LocalEndpoint, parseS3Url, type StoredConfig, type StoredModel } from "#local/sagemaker/endpoint.ts";
import type { TrainingJobs } from "#local/sagemaker/training-jobs.ts";
import type { KeySpace } from "#local/state/durable-state.ts";

const NAME = z.string().regex(/^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$/);
/** @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTrainingJob.html */
const MAX_VALUE = 2500;

/** @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_Tag.html */
const TAGS = z
	.array(z.object({ Key: z.string().min(1).max(128), Value: z.string().max(256) }))
	.max(50)
	.default([]);

const trainingInput = z.object({
	TrainingJobName: NAME,
	AlgorithmSpecification: z.object({ TrainingImage: z.string().min(1), TrainingInputMode: z.literal("File") }),
	RoleArn: z.string().min(20),
	InputDataConfig: z.array(
		z.object({
			ChannelName: z.string().regex(/^[A-Za-z0-9.\-_]{1,64}$/),
			DataSource: z.object({ S3DataSource: z.object({ S3DataType: z.literal("S3Prefix"), S3Uri: z.string().startsWith("s3://") }) }),
		}),
	),
	OutputDataConfig: z.object({ S3OutputPath: z.string().startsWith("s3://") }),
	ResourceConfig: z.object({ InstanceCount: z.literal(1), InstanceType: z.string().startsWith("ml."), VolumeSizeInGB: z.int().min(1) }),
	StoppingCondition: z.object({ MaxRuntimeInSeconds: z.int().min(1) }),
	HyperParameters: z.record(z.string().max(256), z.string().max(MAX_VALUE)).default({}),
	Tags: TAGS,
});
const jobInput = z.object({ TrainingJobName: NAME });
const modelInput = z.object({
	ModelName: NAME,
	PrimaryContainer: z.object({
		Image: z.string().min(1),
		ModelDataUrl: z.string().startsWith("s3://").optional(),
		ModelDataSource: z.undefined("is refused beside ModelDataUrl, and with serverless endpoints").optional(),
	}),
	ExecutionRoleArn: z.string().min(20),
	Tags: TAGS,
});
const modelName = z.object({ ModelName: NAME });
const configInput = z.object({
	EndpointConfigName: NAME,
	ProductionVariants: z.array(z.object({ ModelName: NAME })).length(1),
	Tags: TAGS,
});
const configName = z.object({ EndpointConfigName: NAME });
const updateInput = z.object({ EndpointName: NAME, EndpointConfigName: NAME });
const endpointInput = z.object({ EndpointName: NAME });

export interface ControlPlaneOptions {
	readonly endpointName: string;
	readonly jobs: TrainingJobs;
	readonly endpoint: LocalEndpoint;
	readonly models: KeySpace<StoredModel>;
	readonly configs: KeySpace<StoredConfig>;
}

type Operation = (options: ControlPlaneOptions, body: unknown) => AwsReply | Promise<AwsReply>;

/** The SageMaker API as far as training and promotion use it. */
export function controlPlane(options: ControlPlaneOptions): (operation: string, body: unknown) => Promise<AwsReply> {
	return async (operation, body) => {
		const run = OPERATIONS[operation];
		if (run === undefined) return awsError(400, "UnknownOperationException", `the local SageMaker has no ${operation}`);
		return run(options, body);
	};
}

/** Checks the input as SageMaker would, then runs. */
const checked =
	<T>(schema: z.ZodType<T>, run: (options: ControlPlaneOptions, input: T) => AwsReply | Promise<AwsReply>): Operation =>
	(options, body) => {
		const parsed = schema.safeParse(body);
		return parsed.success ? run(options, parsed.data) : awsError(400, "ValidationException", z.prettifyError(parsed.error));
	};

const OPERATIONS: Readonly<Record<string, Operation>> = {
	CreateTrainingJob: checked(trainingInput, ({ jobs }, input) => {
		if (jobs.find(input.TrainingJobName) !== undefined) return inUse("Training job", input.TrainingJobName);
		const { bucket, key } = parseS3Url(input.OutputDataConfig.S3OutputPath);
		jobs.start({
			name: input.TrainingJobName,
			channels: input.InputDataConfig.map(({ ChannelName, DataSource }) => {
				const source = parseS3Url(DataSource.S3DataSource.S3Uri);
				return { name: ChannelName, bucket: source.bucket, prefix: source.key };
			}),
			output: { bucket, prefix: key === "" || key.endsWith("/") ? key : `${key}/` },
			hyperparameters: input.HyperParameters,
			maxRuntimeSeconds: input.StoppingCondition.MaxRuntimeInSeconds,
		});
		return awsJson({ TrainingJobArn: `arn:aws:sagemaker:local:000000000000:training-job/${input.TrainingJobName}` });
	}),
	DescribeTrainingJob: checked(jobInput, ({ jobs }, { TrainingJobName }) => {
		const job = jobs.find(TrainingJobName);
		if (job === undefined) return awsError(400, "ValidationException", `Requested resource not found: ${TrainingJobName}`);
		return awsJson({
			TrainingJobName,
			TrainingJobStatus: job.status,
			...(job.artefactUrl === undefined ? {} : { ModelArtifacts: { S3ModelArtifacts: job.artefactUrl } }),
			...(job.failureReason === undefined ? {} : { FailureReason: job.failureReason }),
		});
	}),
	CreateModel: checked(modelInput, ({ models }, { ModelName, PrimaryContainer, ExecutionRoleArn }) => {
		if (models.get(ModelName) !== undefined) return alreadyExists("model", ModelName);
		const { Image, ModelDataUrl } = PrimaryContainer;
		models.set(ModelName, {
			image: Image,
			roleArn: ExecutionRoleArn,
			...(ModelDataUrl === undefined ? {} : { modelDataUrl: ModelDataUrl }),
		});
		return awsJson({ ModelArn: `arn:aws:sagemaker:local:000000000000:model/${ModelName}` });
	}),
	DescribeModel: checked(modelName, ({ models }, { ModelName }) => {
		const model = models.get(ModelName);
		if (model === undefined) return notFound("model", ModelName);
		return awsJson({
			ModelName,
			PrimaryContainer: { Image: model.image, ...archiveOf(model) },
			ExecutionRoleArn: model.roleArn,
		});
	}),
	CreateEndpointConfig: checked(configInput, ({ configs }, { EndpointConfigName, ProductionVariants: [variant] }) => {
		if (configs.get(EndpointConfigName) !== undefined) return alreadyExists("endpoint configuration", EndpointConfigName);
		configs.set(EndpointConfigName, { modelName: variant?.ModelName ?? "" });
		return awsJson({ EndpointConfigArn: `arn:aws:sagemaker:local:000000000000:endpoint-config/${EndpointConfigName}` });
	}),
	DescribeEndpointConfig: checked(configName, ({ configs }, { EndpointConfigName }) => {
		const config = configs.get(EndpointConfigName);
		if (config === undefined) return notFound("endpoint configuration", EndpointConfigName);
		return awsJson({
			EndpointConfigName,
			ProductionVariants: [{ VariantName: "all", ModelName: config.modelName, InitialVariantWeight: 1 }],
		});
	}),
	DescribeEndpoint: checked(endpointInput, ({ endpoint, endpointName }, { EndpointName }) =>
		EndpointName === endpointName
			? awsJson({ EndpointName, EndpointConfigName: endpoint.configName, EndpointStatus: "InService" })
			: notFound("endpoint", EndpointName),
	),
	UpdateEndpoint: checked(updateInput, async ({ endpoint, endpointName, configs }, { EndpointName, EndpointConfigName }) => {
		if (EndpointName !== endpointName) return notFound("endpoint", EndpointName);
		if (configs.get(EndpointConfigName) === undefined) return notFound("endpoint configuration", EndpointConfigName);
		// Where the new model does not come up the old one stays, as on AWS.
		await endpoint.update(EndpointConfigName).catch(() => undefined);
		return awsJson({ EndpointArn: `arn:aws:sagemaker:local:000000000000:endpoint/${EndpointName}` });
	}),
};

/** An archive is told in both forms. @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ContainerDefinition.html */
const archiveOf = ({ modelDataUrl: url }: StoredModel) =>
	url === undefined
		? {}
		: { ModelDataUrl: url, ModelDataSource: { S3DataSource: { S3Uri: url, S3DataType: "S3Object", CompressionType: "Gzip" } } };

const inUse = (kind: string, name: string): AwsReply => awsError(400, "ResourceInUse", `${kind} already exists: ${name}`);
const alreadyExists = (kind: string, name: string): AwsReply =>
	awsError(400, "ValidationException", `Cannot create already existing ${kind} "${name}".`);
const notFound = (kind: string, name: string): AwsReply => awsError(400, "ValidationException", `Could not find ${kind} "${name}".`);

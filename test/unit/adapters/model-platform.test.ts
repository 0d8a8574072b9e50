import type { SageMakerClient } from "@aws-sdk/client-sagemaker";
import { expect, test } from "vitest";
import { createModelPlatform } from "#adapters/sagemaker/model-platform.ts";

const TAGS = [
	{ Key: "heliotrope:stage", Value: "prod" },
	{ Key: "team", Value: "places" },
];

interface Sent {
	readonly name: string;
	readonly input: Readonly<Record<string, unknown>>;
}

/** A platform whose calls are kept, over an endpoint that serves `release`. */
function platform(
	endpoint = { EndpointConfigName: "release", EndpointStatus: "InService" },
	container: Readonly<Record<string, unknown>> = { Image: "image:7" },
) {
	const sent: Sent[] = [];
	const answers: Readonly<Record<string, unknown>> = {
		DescribeEndpointCommand: endpoint,
		DescribeEndpointConfigCommand: { ProductionVariants: [{ VariantName: "all", ModelName: "release" }] },
		DescribeModelCommand: { PrimaryContainer: container, ExecutionRoleArn: "arn:aws:iam::1:role/serving" },
	};
	const client = {
		send: async (command: { readonly input: Sent["input"] }) => {
			const { name } = command.constructor;
			sent.push({ name, input: command.input });
			return answers[name] ?? {};
		},
	} as unknown as SageMakerClient;
	const tags = { "heliotrope:stage": "prod", team: "places" };
	const made = createModelPlatform({
		client,
		endpointName: "e",
		trainingRoleArn: "arn:aws:iam::1:role/t",
		instanceType: "ml.m7i.large",
		tags,
	});
	const named = (prefix: string) => sent.filter(({ name }) => name.startsWith(prefix));
	return { made, created: () => named("Create"), updated: () => named("Update").map(({ input }) => input["EndpointConfigName"]) };
}

test("what a promotion makes bears the deployment's tags, and runs in the image that is served", async () => {
	const { made, created } = platform();
	await made.promote("train-1", "s3://features/m.tar.gz");
	expect(created()).toEqual([
		{
			name: "CreateModelCommand",
			input: expect.objectContaining({
				ModelName: "train-1",
				PrimaryContainer: { Image: "image:7", ModelDataUrl: "s3://features/m.tar.gz" },
				Tags: TAGS,
			}),
		},
		{ name: "CreateEndpointConfigCommand", input: expect.objectContaining({ EndpointConfigName: "train-1", Tags: TAGS }) },
	]);
});

test("a model that has an archive already is replaced by one with the new archive alone: SageMaker takes no two", async () => {
	const { made, created } = platform(undefined, {
		Image: "image:7",
		Environment: { LOG_LEVEL: "INFO" },
		Mode: "SingleModel",
		ModelDataUrl: "s3://features/old.tar.gz",
		ModelDataSource: { S3DataSource: { S3Uri: "s3://features/old.tar.gz", S3DataType: "S3Object", CompressionType: "Gzip" } },
	});
	await made.promote("train-2", "s3://features/new.tar.gz");
	expect(created()[0]?.input["PrimaryContainer"]).toEqual({
		Image: "image:7",
		Environment: { LOG_LEVEL: "INFO" },
		ModelDataUrl: "s3://features/new.tar.gz",
	});
});

test("a training job bears the deployment's tags", async () => {
	const { made, created } = platform();
	await made.startTraining({
		name: "train-1",
		channels: { counts: "s3://features/sets/1/" },
		outputUrl: "s3://features/m/",
		hyperparameters: {},
	});
	expect(created()).toEqual([
		{ name: "CreateTrainingJobCommand", input: expect.objectContaining({ TrainingJobName: "train-1", Tags: TAGS }) },
	]);
});

test("a model in use is served again under a name of its own for image and capacity, where something else is served", async () => {
	const { made, created, updated } = platform();
	expect(await made.restore("train-1", "s3://features/m.tar.gz")).toBe(true);
	const [name] = updated();
	expect(name).toMatch(/^train-1-[0-9a-f]{8}$/);
	expect(created().map(({ input }) => input["ModelName"] ?? input["EndpointConfigName"])).toEqual([name, name]);
});

test.each([
	["it is served", { EndpointConfigName: "train-1", EndpointStatus: "InService" }],
	["it is served again", { EndpointConfigName: "train-1-0123abcd", EndpointStatus: "InService" }],
	["an update is under way", { EndpointConfigName: "release", EndpointStatus: "Updating" }],
])("nothing is restored where %s", async (_, endpoint) => {
	const { made, created, updated } = platform(endpoint);
	expect(await made.restore("train-1", "s3://features/m.tar.gz")).toBe(false);
	expect([...created(), ...updated()]).toEqual([]);
});

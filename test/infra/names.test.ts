import { describe, expect, test } from "vitest";
import { parseSettings, type SettingsInput } from "#infra/settings.ts";
import { type Synthesized, synthesize } from "#test/infra/stacks/synthesized.ts";

/** The control region with a name as long as any. */
const FAR = "ap-southeast-1";
const everything = (stage: string): SettingsInput => ({
	stage,
	regions: [FAR, "us-east-1"],
	controlRegion: FAR,
	account: "123456789012",
	firewall: { requestsPerFiveMinutes: 2000 },
	budgets: { monthlyUsd: 100 },
	console: { kind: "cognito" },
});

/**
 * Where a physical name stands, and how long it may be; `inside` its resource's properties.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-template-resource-type-ref.html
 */
const NAMES: Readonly<Record<string, { readonly inside: string; readonly limit: number }>> = {
	"AWS::ApiGatewayV2::Api": { inside: "Name", limit: 128 },
	"AWS::Budgets::Budget": { inside: "Budget.BudgetName", limit: 100 },
	"AWS::CloudFront::Function": { inside: "Name", limit: 64 },
	"AWS::CloudFront::OriginAccessControl": { inside: "OriginAccessControlConfig.Name", limit: 64 },
	"AWS::CloudFront::RealtimeLogConfig": { inside: "Name", limit: 128 },
	"AWS::CloudFront::ResponseHeadersPolicy": { inside: "ResponseHeadersPolicyConfig.Name", limit: 128 },
	"AWS::CloudWatch::Alarm": { inside: "AlarmName", limit: 255 },
	"AWS::CloudWatch::Dashboard": { inside: "DashboardName", limit: 255 },
	"AWS::Cognito::UserPool": { inside: "UserPoolName", limit: 128 },
	"AWS::Cognito::UserPoolDomain": { inside: "Domain", limit: 63 },
	"AWS::DynamoDB::GlobalTable": { inside: "TableName", limit: 255 },
	"AWS::Glue::Database": { inside: "DatabaseInput.Name", limit: 255 },
	"AWS::IAM::Role": { inside: "RoleName", limit: 64 },
	"AWS::Kinesis::Stream": { inside: "Name", limit: 128 },
	"AWS::KinesisFirehose::DeliveryStream": { inside: "DeliveryStreamName", limit: 64 },
	"AWS::Lambda::Function": { inside: "FunctionName", limit: 64 },
	"AWS::Logs::LogGroup": { inside: "LogGroupName", limit: 512 },
	"AWS::S3::Bucket": { inside: "BucketName", limit: 63 },
	"AWS::SNS::Topic": { inside: "TopicName", limit: 256 },
	"AWS::SQS::Queue": { inside: "QueueName", limit: 80 },
	"AWS::SageMaker::Endpoint": { inside: "EndpointName", limit: 63 },
	"AWS::Scheduler::Schedule": { inside: "Name", limit: 64 },
	"AWS::StepFunctions::StateMachine": { inside: "StateMachineName", limit: 80 },
	"AWS::WAFv2::WebACL": { inside: "Name", limit: 128 },
};

/** What lies in something that has a name of its own: policies of a role, a table of a Glue database, the parts of an API. */
const INNER = /^AWS::(IAM::Policy|Glue::Table|Logs::(LogStream|MetricFilter)|ApiGatewayV2::(Authorizer|Stage))$/;
/** Buckets and sign-in pages have the world for a place, roles and CloudFront the account; everything else a region. */
const GLOBAL = /^AWS::(S3|IAM|CloudFront|Budgets|Cognito::UserPoolDomain)/;

interface Named {
	readonly type: string;
	/** Within which names have to differ. */
	readonly place: string;
	readonly name: string;
}

interface Resource {
	readonly Type: string;
	readonly Properties?: Readonly<Record<string, unknown>>;
}

function namesOf({ all, stacks }: Synthesized): readonly Named[] {
	const regionOf = new Map(
		[...Object.values(stacks).filter((one) => "region" in one), ...stacks.regions.values()].map((stack) => [stack.node.id, stack.region]),
	);
	const stackNames = [...all.keys()].map((name) => ({ type: "stack", place: regionOf.get(name) ?? "", name }));
	const resources = [...all].flatMap(([stack, template]) =>
		Object.values(template.toJSON()["Resources"] as Record<string, Resource>).flatMap(({ Type, Properties = {} }): Named[] => {
			const { inside } = NAMES[Type] ?? {};
			const name = inside?.split(".").reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], Properties);
			if (name === undefined) return [];
			return [{ type: Type, place: GLOBAL.test(Type) ? "" : (regionOf.get(stack) ?? ""), name: String(name) }];
		}),
	);
	return [...stackNames, ...resources];
}

const keyOf = ({ type, place, name }: Named): string => `${type} ${place} ${name}`;

describe("physical names", () => {
	const stage = "s".repeat(15);
	const first = synthesize(parseSettings(everything(stage)));
	const names = namesOf(first);

	test("bear the stage, so that stages lie side by side in one account", () => {
		const inGlue = stage.replaceAll("-", "_");
		expect(names.filter(({ name }) => !name.includes(stage) && !name.includes(inGlue)).map(keyOf)).toEqual([]);
		expect(new Set(names.map(({ type }) => type))).toEqual(new Set([...Object.keys(NAMES), "stack"]));
	});

	test("are one to a place and type", () => {
		const keys = names.map(keyOf);
		expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);
	});

	test("fit with the longest stage that is accepted beside the longest region", () => {
		expect(() => parseSettings(everything(`${stage}s`))).toThrow("stage: must be at most 15 characters");
		const lengthOf = ({ type, name }: Named): boolean => name.length > (NAMES[type]?.limit ?? 128);
		expect(names.filter(lengthOf).map(keyOf)).toEqual([]);
	});

	test("differ between two stages even where one is the beginning of the other", () => {
		const endings = names.map((one) => ({ ...one, name: one.name.slice(one.name.indexOf(stage) + stage.length) }));
		// `heliotrope-a` + `-b-x` is `heliotrope-a-b` + `-x` where `b-x` and `x` are both endings of one type
		const clashes = endings.flatMap((one) =>
			endings
				.filter(({ type, place, name }) => type === one.type && place === one.place && name !== one.name && one.name.endsWith(name))
				.filter(({ name }) => /^-[a-z][a-z0-9-]*$/.test(one.name.slice(0, one.name.length - name.length)))
				.map(({ name }) => `${one.type}: ${one.name} ends with ${name}`),
		);
		expect(clashes).toEqual([]);
	});

	test("are given by what has a name of its own, but for what CloudFormation names after its stack", () => {
		const naming = /^(\w*Name|Domain)$/;
		const unknown = [...first.all.values()].flatMap((template) =>
			Object.values(template.toJSON()["Resources"] as Record<string, Resource>)
				.filter(({ Type }) => NAMES[Type] === undefined && !INNER.test(Type))
				.flatMap(({ Type, Properties = {} }) =>
					Object.entries(Properties).flatMap(([key, value]) =>
						naming.test(key) && typeof value === "string" ? [`${Type} ${key} ${value}`] : [],
					),
				),
		);
		expect(unknown).toEqual([]);
	});
});

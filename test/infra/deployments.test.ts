import { type Stack, Token } from "aws-cdk-lib";
import type { Template } from "aws-cdk-lib/assertions";
import { DockerImageAsset } from "aws-cdk-lib/aws-ecr-assets";
import { describe, expect, test } from "vitest";
import { ALARMS, type AlarmDescription } from "#infra/description/alarms.ts";
import { EDGE_DISTRIBUTION, ERROR_RESPONSE } from "#infra/description/edge.ts";
import { REAL_TIME_LOG_FIELDS } from "#infra/description/event-sources.ts";
import { recordedLayout } from "#infra/layout.ts";
import { parseSettings, type SettingsInput } from "#infra/settings.ts";
import { ViewerFunction } from "#local/edge/viewer-function.ts";
import { redact } from "#test/infra/stacks/redact.ts";
import { rolesIn } from "#test/infra/stacks/snapshots.ts";
import { propertiesOf, type Synthesized, synthesize } from "#test/infra/stacks/synthesized.ts";
import FULL from "../../settings/full.ts";

const settingsFor = (count: number, more: Partial<SettingsInput> = {}): SettingsInput => ({
	stage: "try",
	regions: FULL.regions.slice(0, count),
	controlRegion: "eu-west-1",
	...more,
});

const watchesModel = ({ metric }: AlarmDescription): boolean =>
	metric.kind === "endpoint" || (metric.kind === "state-machine" && metric.machine === "train");

const FULL_TEMPLATES = synthesize(parseSettings(FULL));

describe.each([
	[1, {}],
	[2, { protectData: false, model: { endpoint: { kind: "existing", name: "theirs" } } } as Partial<SettingsInput>],
	[6, FULL],
])("a deployment of %i regions", (count, more) => {
	const settings = parseSettings(settingsFor(count, more));
	// Throws where the AWS rules find what is not acknowledged
	const templates: Synthesized = more === FULL ? FULL_TEMPLATES : synthesize(settings);
	const one = (template: Template, type: string): Record<string, unknown> => {
		const [found, ...others] = propertiesOf(template, type);
		expect(others).toEqual([]);
		return found ?? {};
	};
	const edge = templates.all.get("heliotrope-try-edge") as Template;
	const observability = templates.all.get("heliotrope-try-observability") as Template;

	test("has a stack a part and a region, all named by the stage", () => {
		const parts = [
			"metadata",
			"migration",
			"prediction",
			"console",
			"edge",
			"observability",
			...settings.regions.map((region) => `region-${region}`),
		];
		expect([...templates.all.keys()].toSorted()).toEqual(parts.map((part) => `heliotrope-try-${part}`).toSorted());
		for (const stack of [templates.stacks.edge as Stack]) expect(stack.region).toBe("us-east-1");
	});

	test("records its layout in the outputs", () => {
		const [output] = Object.values(templates.metadata.findOutputs("*", {})).filter(({ Value }) => String(Value).startsWith("{"));
		const layout = recordedLayout({ "heliotrope-try-metadata": { Layout: output?.["Value"] } }, "try");
		expect(layout).toMatchObject({ controlRegion: "eu-west-1", regions: settings.regions });
	});

	test("replicates the metadata to every region, and nothing else", () => {
		const tables = propertiesOf(templates.metadata, "AWS::DynamoDB::GlobalTable");
		const counts = tables.map(({ Replicas }) => (Replicas as unknown[]).length).toSorted((a, b) => b - a);
		expect(counts).toEqual([count, ...counts.slice(1).map(() => 1)]);
	});

	test("caches nothing, lets writes through, and asks the function before and after the origin", () => {
		const { DefaultCacheBehavior: behavior } = one(edge, "AWS::CloudFront::Distribution")["DistributionConfig"] as {
			DefaultCacheBehavior: Record<string, unknown>;
		};
		expect(behavior).toMatchObject({
			// CachingDisabled and AllViewerAndCloudFrontHeaders-2022-06
			CachePolicyId: "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
			OriginRequestPolicyId: "33f36d7e-f396-46d9-90e0-52428a34d9dc",
			ViewerProtocolPolicy: "https-only",
			AllowedMethods: expect.arrayContaining(["PUT", "POST", "DELETE"]),
			RealtimeLogConfigArn: expect.anything(),
			TargetOriginId: EDGE_DISTRIBUTION.originGroup.originIds[0],
			FunctionAssociations: [{ EventType: "viewer-request" }],
		});
		const associations = behavior["LambdaFunctionAssociations"] as { EventType: string; IncludeBody?: boolean }[];
		expect(associations.map(({ EventType, IncludeBody = false }) => [EventType, IncludeBody])).toEqual(
			EDGE_DISTRIBUTION.associations.map(({ event, includeBody }) => [event, includeBody]),
		);
		for (const fn of propertiesOf(edge, "AWS::Lambda::Function").filter(({ FunctionName }) => FunctionName !== undefined)) {
			expect(fn["Environment"]).toBeUndefined();
		}
	});

	test("gives reads a second origin by a function, because a behaviour that takes writes may have no group", () => {
		const config = one(edge, "AWS::CloudFront::Distribution")["DistributionConfig"] as Record<string, unknown>;
		expect(config["OriginGroups"]).toBeUndefined();
		const origins = config["Origins"] as Record<string, unknown>[];
		const [first, second] = EDGE_DISTRIBUTION.originGroup.originIds.map((id) => origins.find(({ Id }) => Id === id));
		expect(origins).toHaveLength(3);
		const { name, value } = EDGE_DISTRIBUTION.originGroup.secondOriginHeader;
		expect(second).toEqual({ ...first, Id: "second-attempt", OriginCustomHeaders: [{ HeaderName: name, HeaderValue: value }] });
		const { FunctionCode: code, FunctionConfig: runtime } = one(edge, "AWS::CloudFront::Function");
		expect(runtime).toMatchObject({ Runtime: "cloudfront-js-2.0" });
		expect(new ViewerFunction(String(code)).groupFor("GET", "/v1/x")?.originIds.map(({ originId }) => originId)).toEqual(
			origins
				.slice(0, 1)
				.concat(origins.slice(2))
				.map(({ Id }) => Id),
		);
	});

	test("answers for a region that is away with the problem that the local edge gives", () => {
		const config = one(edge, "AWS::CloudFront::Distribution")["DistributionConfig"] as Record<string, unknown>;
		expect(config["CustomErrorResponses"]).toEqual(
			ERROR_RESPONSE.replaces.map((ErrorCode) => ({
				ErrorCode,
				ErrorCachingMinTTL: 0,
				ResponseCode: ERROR_RESPONSE.status,
				ResponsePagePath: ERROR_RESPONSE.path,
			})),
		);
		const [pages] = config["CacheBehaviors"] as Record<string, unknown>[];
		expect(ERROR_RESPONSE.path.startsWith(String(pages?.["PathPattern"]).slice(0, -1))).toBe(true);
		expect(pages?.["ResponseHeadersPolicyId"]).toBeDefined();
		edge.hasResourceProperties("AWS::CloudFront::ResponseHeadersPolicy", {
			ResponseHeadersPolicyConfig: { CustomHeadersConfig: { Items: [{ Header: "Retry-After", Value: "1", Override: true }] } },
		});
		edge.hasResourceProperties("Custom::CDKBucketDeployment", {
			SystemMetadata: { "content-type": ERROR_RESPONSE.headers["content-type"] },
		});
	});

	test("sends every access, all fields in their order, to the control region's stream", () => {
		expect(one(edge, "AWS::CloudFront::RealtimeLogConfig")).toMatchObject({ Fields: [...REAL_TIME_LOG_FIELDS], SamplingRate: 100 });
		expect(JSON.stringify(one(edge, "AWS::CloudFront::RealtimeLogConfig"))).toContain("kinesis:eu-west-1");
	});

	test("has every alarm of its place, each with its runbook", () => {
		const described = (where: string) =>
			ALARMS.filter((alarm) => alarm.where === where && (settings.model.endpoint.kind !== "existing" || !watchesModel(alarm)));
		const named = (template: Template) =>
			propertiesOf(template, "AWS::CloudWatch::Alarm")
				.map(({ AlarmName }) => AlarmName as string)
				.toSorted();
		const names = (where: string) =>
			described(where)
				.map(({ name }) => `heliotrope-try-${name}`)
				.toSorted();
		expect(named(observability)).toEqual(names("control"));
		expect(named(edge)).toEqual(names("edge"));
		for (const template of templates.regions.values()) expect(named(template)).toEqual(names("every-region"));
		for (const template of templates.all.values()) {
			for (const { AlarmDescription, AlarmActions } of propertiesOf(template, "AWS::CloudWatch::Alarm")) {
				expect(AlarmDescription).toMatch(/Runbook: docs\/runbooks\/[a-z-]+\.md$/);
				expect(AlarmActions).toHaveLength(1);
			}
		}
	});

	test("lets nobody into its buckets without TLS, and keeps them as long as data is protected", () => {
		const buckets = templates.prediction.findResources("AWS::S3::Bucket");
		expect(Object.keys(buckets)).toHaveLength(2);
		for (const bucket of Object.values(buckets))
			expect(bucket["DeletionPolicy"]).toBe(settings.protectData ? "RetainExceptOnCreate" : "Delete");
		for (const { PolicyDocument } of propertiesOf(templates.prediction, "AWS::S3::BucketPolicy")) {
			expect(JSON.stringify(PolicyDocument)).toContain('"aws:SecureTransport":"false"');
		}
	});

	test("trains and replaces its own model only: one that is looked after elsewhere is called, and nothing else", () => {
		const owned = settings.model.endpoint.kind !== "existing" ? 1 : 0;
		const { prediction } = templates;
		const named = (type: string, property: string, name: string): number =>
			propertiesOf(prediction, type).filter((properties) => properties[property] === name).length;
		expect(named("AWS::Scheduler::Schedule", "Name", "heliotrope-try-train")).toBe(owned);
		expect(named("AWS::StepFunctions::StateMachine", "StateMachineName", "heliotrope-try-train")).toBe(owned);
		expect(named("AWS::Scheduler::Schedule", "Name", "heliotrope-try-predict")).toBe(1);
		prediction.resourceCountIs("AWS::SageMaker::Endpoint", owned);
		prediction.resourceCountIs("AWS::SageMaker::Model", owned);
		const actions = propertiesOf(prediction, "AWS::IAM::Policy").flatMap(({ PolicyDocument }) =>
			(PolicyDocument as { Statement: { Action: string | string[] }[] }).Statement.flatMap(({ Action }) => [Action].flat()),
		);
		const onModel = actions.filter((action) => /^(sagemaker|iam|ecr):/.test(action));
		if (owned === 0) expect(onModel).toEqual(["sagemaker:InvokeEndpoint"]);
		else expect(onModel).toEqual(expect.arrayContaining(["sagemaker:UpdateEndpoint", "iam:PassRole", "ecr:BatchGetImage"]));
		const images = templates.stacks.prediction.node.findAll().filter((part) => part instanceof DockerImageAsset);
		expect(images).toHaveLength("build" in settings.model.image ? owned : 0);
	});

	test("archives accesses as Parquet", () => {
		expect(one(templates.prediction, "AWS::KinesisFirehose::DeliveryStream")).toMatchObject({
			DeliveryStreamType: "KinesisStreamAsSource",
			ExtendedS3DestinationConfiguration: {
				DataFormatConversionConfiguration: { Enabled: true, OutputFormatConfiguration: { Serializer: { ParquetSerDe: {} } } },
			},
		});
	});
});

test("what the settings ask for beyond the usual is there", () => {
	const of = (part: string): Template => FULL_TEMPLATES.all.get(`heliotrope-try-${part}`) as Template;
	of("edge").hasResourceProperties("AWS::WAFv2::WebACL", {
		Scope: "CLOUDFRONT",
		DefaultAction: { Allow: {} },
		Rules: [
			{ Action: { Block: {} }, Statement: { RateBasedStatement: { AggregateKeyType: "IP", EvaluationWindowSec: 300, Limit: 2000 } } },
		],
	});
	const [firewall = ""] = Object.keys(of("edge").findResources("AWS::WAFv2::WebACL"));
	of("edge").hasResourceProperties("AWS::CloudFront::Distribution", {
		DistributionConfig: { WebACLId: { "Fn::GetAtt": [firewall, "Arn"] } },
	});
	of("edge").hasResourceProperties("AWS::CloudFront::Distribution", {
		DistributionConfig: {
			Aliases: ["data.example.com"],
			ViewerCertificate: {
				AcmCertificateArn: "arn:aws:acm:us-east-1:123456789012:certificate/a",
				MinimumProtocolVersion: "TLSv1.2_2021",
				SslSupportMethod: "sni-only",
			},
		},
	});
	of("prediction").hasResourceProperties("AWS::SageMaker::EndpointConfig", {
		ProductionVariants: [{ InitialInstanceCount: 2, InstanceType: "ml.c7i.large" }],
	});
	of("prediction").hasResourceProperties("AWS::SageMaker::Model", {
		PrimaryContainer: { Image: "123456789012.dkr.ecr.eu-west-1.amazonaws.com/model:7" },
	});
	of("observability").hasResourceProperties("AWS::Budgets::Budget", { Budget: { BudgetLimit: { Amount: 100, Unit: "USD" } } });
	of("observability").hasResourceProperties("AWS::SNS::Subscription", { Protocol: "email", Endpoint: "ops@example.com" });
	of("region-us-east-1").hasResourceProperties("AWS::Lambda::Function", {
		FunctionName: "heliotrope-try-serve-data",
		ReservedConcurrentExecutions: 50,
	});
	of("region-us-east-1").hasResourceProperties("AWS::DynamoDB::GlobalTable", {
		TableName: "heliotrope-try-data",
		WriteOnDemandThroughputSettings: { MaxWriteRequestUnits: 1000 },
		Replicas: [{ SSESpecification: { KMSMasterKeyId: "arn:aws:kms:us-east-1:123456789012:key/k" } }],
	});
	// A customer's key takes who may use it from IAM: roles that reach tables may, through DynamoDB, and no other role
	const withKeys = (part: string) =>
		propertiesOf(of(part), "AWS::IAM::Policy").flatMap(({ PolicyDocument }) =>
			(PolicyDocument as { Statement: { Action: unknown; Resource: string; Condition?: unknown }[] }).Statement.filter(({ Action }) =>
				[Action].flat().includes("kms:Decrypt"),
			),
		);
	for (const region of FULL.regions) {
		const via = { StringEquals: { "kms:ViaService": `dynamodb.${region}.amazonaws.com` } };
		const found = withKeys(`region-${region}`).filter(({ Resource }) => Resource === `arn:aws:kms:${region}:123456789012:key/k`);
		expect(found.length).toBeGreaterThan(0);
		for (const { Condition } of found) expect(Condition).toEqual(via);
	}
	expect(withKeys("console")).toHaveLength(FULL.regions.length + 1);
	expect(Token.isUnresolved(FULL_TEMPLATES.stacks.edge.account)).toBe(false);
	for (const { Tags } of propertiesOf(of("metadata"), "AWS::DynamoDB::GlobalTable").flatMap(
		({ Replicas }) => Replicas as { Tags?: unknown }[],
	)) {
		expect(Tags).toEqual(
			expect.arrayContaining([
				{ Key: "team", Value: "places" },
				{ Key: "heliotrope:stage", Value: "try" },
			]),
		);
	}
});

// keys, an image and an endpoint of one's own: what roles may do beyond what the settings under test ask for
describe.each([...FULL_TEMPLATES.all].filter(([id]) => !id.includes("region-") || id.endsWith(`region-${FULL.controlRegion}`)))(
	"%s with all settings",
	(id, template) => {
		test("has roles as reviewed", async () => {
			await expect(redact(rolesIn(template))).toMatchFileSnapshot(`./snapshots/${id}.roles.snap`);
		});
	},
);

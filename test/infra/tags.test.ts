import { describe, expect, test } from "vitest";
import { parseSettings } from "#infra/settings.ts";
import { synthesize } from "#test/infra/stacks/synthesized.ts";

/** What CloudFormation gives no property for tags, or is part of something that has its own. */
const UNTAGGABLE = new Set([
	"AWS::ApiGatewayV2::Authorizer",
	"AWS::ApiGatewayV2::Integration",
	"AWS::ApiGatewayV2::Route",
	"AWS::CDK::Metadata",
	"AWS::CloudFormation::CustomResource",
	"AWS::CloudFront::MonitoringSubscription",
	"AWS::CloudFront::OriginAccessControl",
	"AWS::CloudFront::RealtimeLogConfig",
	"AWS::CloudFront::ResponseHeadersPolicy",
	"AWS::Cognito::UserPoolClient",
	"AWS::Cognito::UserPoolDomain",
	"AWS::Cognito::UserPoolUser",
	"AWS::Glue::Database",
	"AWS::Glue::Table",
	"AWS::IAM::Policy",
	"AWS::Lambda::LayerVersion",
	"AWS::Lambda::Permission",
	"AWS::Lambda::Url",
	"AWS::Lambda::Version",
	"AWS::Logs::LogStream",
	"AWS::Logs::MetricFilter",
	"AWS::S3::BucketPolicy",
	"AWS::SNS::Subscription",
	"AWS::SNS::TopicPolicy",
	"AWS::SQS::QueuePolicy",
	"AWS::Scheduler::Schedule",
	"Custom::CDKBucketDeployment",
]);

/** Properties that bear tags, beside `Tags`. */
const TAG_PROPERTIES = ["Tags", "UserPoolTags", "ResourceTags"];

interface Resource {
	readonly Type: string;
	readonly Properties?: Readonly<Record<string, unknown>>;
}

/** Tags as an object, from a list or an object. */
function tagsOf(tags: unknown): Readonly<Record<string, unknown>> {
	if (!Array.isArray(tags)) return (tags ?? {}) as Readonly<Record<string, unknown>>;
	return Object.fromEntries(tags.map(({ Key, Value }: { Key: string; Value: unknown }) => [Key, Value]));
}

/** Of a global table, those of each replica. */
function tagSets({ Type, Properties = {} }: Resource): readonly Readonly<Record<string, unknown>>[] {
	if (Type === "AWS::DynamoDB::GlobalTable")
		return (Properties["Replicas"] as { readonly Tags?: unknown }[]).map(({ Tags }) => tagsOf(Tags));
	return [Object.assign({}, ...TAG_PROPERTIES.map((property) => tagsOf(Properties[property])))];
}

describe("tags", () => {
	const settings = parseSettings({
		stage: "try",
		regions: ["eu-west-1", "us-east-1"],
		controlRegion: "eu-west-1",
		account: "123456789012",
		firewall: { requestsPerFiveMinutes: 2000 },
		budgets: { monthlyUsd: 100 },
		alarms: { emails: ["ops@example.com"] },
		console: { kind: "cognito", operators: ["ops@example.com"] },
		tags: { team: "places" },
	});
	const expected = { team: "places", "heliotrope:stage": "try" };
	const { all, stacks } = synthesize(settings);

	test.each([...all])("are on everything of %s that can be tagged", (_id, template) => {
		const resources = Object.entries(template.toJSON()["Resources"] as Record<string, Resource>);
		const untagged = resources
			.filter(([, { Type }]) => !UNTAGGABLE.has(Type))
			.filter(([, resource]) => !tagSets(resource).every((tags) => Object.entries(expected).every(([key, value]) => tags[key] === value)))
			.map(([id, { Type }]) => `${Type} ${id}`);
		expect(untagged).toEqual([]);
	});

	test("are on the stacks themselves", () => {
		for (const stack of [stacks.metadata, stacks.migration, stacks.prediction, stacks.console, stacks.edge, stacks.observability])
			expect(stack.tags.tagValues()).toEqual(expected);
		for (const stack of stacks.regions.values()) expect(stack.tags.tagValues()).toEqual(expected);
	});
});

import { Template } from "aws-cdk-lib/assertions";
import { beforeAll, describe, expect, test } from "vitest";
import { describeDeployment } from "#infra/constructs/described-deployment.ts";
import { environmentFor } from "#infra/description/deployment.ts";
import { edgeConfigOf } from "#infra/description/edge.ts";
import { FUNCTIONS } from "#infra/description/functions.ts";
import { parseSettings, SettingsError, type SettingsInput } from "#infra/settings.ts";
import { EDGE_REGION, EdgeStack } from "#infra/stacks/edge-stack.ts";
import { readable } from "#test/infra/stacks/readable.ts";
import { propertiesOf, testApp } from "#test/infra/stacks/synthesized.ts";

const REGIONS = ["us-east-1", "eu-west-1"];
const urlIn = (region: string): string => `https://abc.lambda-url.${region}.on.aws/`;
const urls = Object.fromEntries(REGIONS.map((region) => [region, urlIn(region)]));
const application = { functionName: "notes", urls };
const domain = { names: ["*.example.com"], certificateArn: "arn:aws:acm:us-east-1:123456789012:certificate/a" };
const given = (routing: SettingsInput["routing"], more: Partial<SettingsInput> = {}): SettingsInput => ({
	stage: "try",
	regions: REGIONS,
	controlRegion: "us-east-1",
	routing,
	...more,
});

describe("the routing of a deployment", () => {
	test("is the data API's own unless the settings say otherwise", () => {
		expect(parseSettings(given(undefined)).routing).toEqual({ rule: "path:/v1/partitions/{partition}/*" });
	});

	test.each(["path:/notes/{partition}/*", "host:{partition}.example.com", "header:x-tenant", "cookie:tenant", "claim:tenant"])(
		"may be %s of an application",
		(rule) => {
			expect(parseSettings(given({ rule, application }, { domain })).routing).toEqual({ rule, application });
		},
	);

	test.each([
		[given({ rule: "query:tenant", application }), 'routing.rule: no partition rule: "query:tenant"; expected path:, host:, header:'],
		[given({ rule: "path:/notes", application }), "expected after path: a path with one segment {partition}"],
		[given({ rule: "header:x-tenant" }), "routing.application: is missing: data planes answer path:/v1/partitions/{partition}/* only"],
		[given({ rule: "path:/notes/{partition}/*" }), "name the function that answers path:/notes/{partition}/*"],
		[given({ application: { functionName: "no/tes", urls } }), "routing.application.functionName: must be the name of a Lambda function"],
		[
			given({ application: { functionName: "notes", urls: { "us-east-1": urlIn("us-east-1") } } }),
			"routing.application.urls: has no URL for eu-west-1",
		],
		[
			given({ application: { functionName: "notes", urls: { ...urls, "sa-east-1": urlIn("sa-east-1") } } }),
			"names sa-east-1, which is not in regions",
		],
		[
			given({ application: { functionName: "notes", urls: { ...urls, "eu-west-1": urlIn("us-east-1") } } }),
			"routing.application.urls.eu-west-1: must be that region's function URL, https://<id>.lambda-url.eu-west-1.on.aws/",
		],
		[given({ rule: "host:{partition}.example.com", application }), "routing.rule: needs *.example.com in domain.names"],
		[given({ rule: "host:{partition}.example.org", application }, { domain }), "routing.rule: needs *.example.org in domain.names"],
		[given({ way: "path" } as SettingsInput["routing"]), "routing: way is no setting"],
	])("is refused with the field and the fix: %j", (settings, message) => {
		expect(() => parseSettings(settings)).toThrow(SettingsError);
		expect(() => parseSettings(settings)).toThrow(message);
	});
});

describe("an edge that goes by the host name, for an application", () => {
	const rule = "host:{partition}.example.com";
	const settings = parseSettings(given({ rule, application }, { domain }));
	const env = { region: EDGE_REGION };
	let stack: EdgeStack;
	let edge: Template;
	beforeAll(() => {
		stack = new EdgeStack(testApp(), "edge", { settings, env });
		edge = Template.fromStack(stack);
	});

	test("has the rule and the application's origins baked in", () => {
		expect(edgeConfigOf(describeDeployment(stack, settings))).toMatchObject({
			partitionRule: rule,
			origins: Object.fromEntries(REGIONS.map((at) => [at, { domainName: `abc.lambda-url.${at}.on.aws`, port: 443, protocol: "https" }])),
		});
	});

	test("is shown the host, all headers and cookies, for every path, and caches nothing", () => {
		const [distribution = {}] = propertiesOf(edge, "AWS::CloudFront::Distribution");
		const {
			DefaultCacheBehavior: behavior,
			CacheBehaviors: others,
			Aliases: aliases,
		} = distribution["DistributionConfig"] as {
			DefaultCacheBehavior: Record<string, unknown>;
			CacheBehaviors: { PathPattern: string }[];
			Aliases: string[];
		};
		// CachingDisabled and AllViewerAndCloudFrontHeaders-2022-06
		expect(behavior).toMatchObject({
			CachePolicyId: "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
			OriginRequestPolicyId: "33f36d7e-f396-46d9-90e0-52428a34d9dc",
		});
		expect(others.map(({ PathPattern }) => PathPattern)).toEqual(["/.heliotrope/errors/*"]);
		expect(aliases).toEqual(["*.example.com"]);
	});

	test("may call the application, and data planes no more", () => {
		const called = propertiesOf(edge, "AWS::IAM::Policy")
			.flatMap(({ PolicyDocument }) => (PolicyDocument as { Statement: { Action: string | string[]; Resource: unknown }[] }).Statement)
			.filter(({ Action }) => [Action].flat().includes("lambda:InvokeFunctionUrl"))
			.flatMap(({ Resource }) => [Resource].flat().map(readable));
		expect(called.toSorted()).toEqual(REGIONS.toSorted().map((at) => `arn:aws:lambda:${at}:<AWS::AccountId>:function:notes`));
	});

	test("has its accesses counted and archived by the same rule", () => {
		const readers = FUNCTIONS.filter(({ environment }) => environment.includes("PARTITION_RULE")).map(({ name }) => name);
		expect(readers).toEqual(["count-accesses", "archive-accesses"]);
		expect(environmentFor(describeDeployment(stack, settings), ["PARTITION_RULE"])).toEqual({ PARTITION_RULE: rule });
	});
});

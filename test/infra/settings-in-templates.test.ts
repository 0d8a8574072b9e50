import { Template } from "aws-cdk-lib/assertions";
import { describe, expect, test } from "vitest";
import { regionId } from "#domain/geography/region-id.ts";
import { parseSettings, SettingsError, type SettingsInput } from "#infra/settings.ts";
import { ObservabilityStack } from "#infra/stacks/observability-stack.ts";
import { PredictionStack } from "#infra/stacks/prediction-stack.ts";
import { RegionStack } from "#infra/stacks/region-stack.ts";
import { readable } from "#test/infra/stacks/readable.ts";
import { propertiesOf, testApp } from "#test/infra/stacks/synthesized.ts";

const given = (more: Partial<SettingsInput>) =>
	parseSettings({ stage: "try", regions: ["us-east-1", "ap-northeast-1"], controlRegion: "us-east-1", ...more });
const env = { region: "us-east-1" };
type ModelInput = NonNullable<SettingsInput["model"]>;
const predictionOf = (model: ModelInput): Template =>
	Template.fromStack(new PredictionStack(testApp(), "prediction", { settings: given({ model }), env }));
const endpointOf = (endpoint: ModelInput["endpoint"]): Template => predictionOf({ endpoint });

describe("a setting reaches what it is about", () => {
	test("sweepMinutes: the schedule of the sweep in every region", () => {
		const settings = given({ schedules: { sweepMinutes: 60 } });
		const stack = new RegionStack(testApp(), "region", { settings, env, region: regionId("us-east-1") });
		const [schedule] = propertiesOf(Template.fromStack(stack), "AWS::Scheduler::Schedule");
		expect(schedule).toMatchObject({ Name: "heliotrope-try-sweep-parked", ScheduleExpression: "cron(45 * * * ? *)" });
	});

	test("alarms.runbooksUrl: the link of every alarm", () => {
		const settings = given({ alarms: { runbooksUrl: "https://git.example.com/runbooks/" } });
		const alarms = propertiesOf(
			Template.fromStack(new ObservabilityStack(testApp(), "alarms", { settings, env })),
			"AWS::CloudWatch::Alarm",
		);
		expect(alarms.length).toBeGreaterThan(5);
		for (const { AlarmDescription } of alarms)
			expect(AlarmDescription).toMatch(/ Runbook: https:\/\/git\.example\.com\/runbooks\/[a-z-]+\.md$/);
	});

	test("model.endpoint, serverless: memory, calls at once, and no instance that waits", () => {
		const [variants] = propertiesOf(
			endpointOf({ kind: "serverless", memoryMb: 4096, maxConcurrency: 20 }),
			"AWS::SageMaker::EndpointConfig",
		);
		expect(variants?.["ProductionVariants"]).toEqual([
			{
				VariantName: "all",
				InitialVariantWeight: 1,
				ModelName: expect.anything(),
				ServerlessConfig: { MemorySizeInMB: 4096, MaxConcurrency: 20 },
			},
		]);
	});

	test.each([
		["123456789012.dkr.ecr.us-east-1.amazonaws.com/model:7", "123456789012:repository/model"],
		["210987654321.dkr.ecr.us-east-1.amazonaws.com/team/model", "210987654321:repository/team/model"],
		[`123456789012.dkr.ecr.us-east-1.amazonaws.com/model@sha256:${"a".repeat(64)}`, "123456789012:repository/model"],
	])("model.image.uri %s: the roles of serving and training may pull it", (uri, repository) => {
		const template = predictionOf({ image: { uri } });
		const pulls = propertiesOf(template, "AWS::IAM::Policy").flatMap(({ PolicyDocument }) =>
			(PolicyDocument as { Statement: { Action: unknown; Resource: unknown }[] }).Statement.filter(({ Action }) =>
				[Action].flat().includes("ecr:BatchGetImage"),
			),
		);
		expect(pulls).toHaveLength(2);
		for (const { Action, Resource } of pulls) {
			expect(Action).toEqual(["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]);
			expect(readable(Resource)).toMatch(new RegExp(`^arn:[^:]+:ecr:us-east-1:${repository}$`));
		}
	});

	test("model.endpoint, existing: no endpoint, and functions that call theirs", () => {
		const template = endpointOf({ kind: "existing", name: "theirs" });
		expect(propertiesOf(template, "AWS::SageMaker::Endpoint")).toEqual([]);
		const named = propertiesOf(template, "AWS::Lambda::Function")
			.map(({ Environment }) => (Environment as { Variables: Record<string, unknown> } | undefined)?.Variables["MODEL_ENDPOINT_NAME"])
			.filter((name) => name !== undefined);
		expect(new Set(named)).toEqual(new Set(["theirs"]));
	});

	test.each([
		[{ kind: "serverless", memoryMb: 1000 }, "model.endpoint.memoryMb: must be 1024, 2048, 3072, 4096, 5120 or 6144"],
		[{ kind: "serverless", maxConcurrency: 0 }, "model.endpoint.maxConcurrency: must be 1 to 200"],
		[{ kind: "serverless", maxConcurrency: 500 }, "model.endpoint.maxConcurrency: must be 1 to 200"],
		[{ kind: "real-time", instances: 0 }, "model.endpoint.instances: must be at least 1"],
		[{ kind: "asynchronous" }, "model.endpoint.kind: must be serverless, real-time or existing"],
		[{ kind: "existing" }, "model.endpoint.name: must name the endpoint"],
	])("an endpoint that there is none of is refused with the field and the fix: %j", (endpoint, message) => {
		const wrong = { model: { endpoint } } as unknown as Partial<SettingsInput>;
		expect(() => given(wrong)).toThrow(SettingsError);
		expect(() => given(wrong)).toThrow(message);
	});
});

test("the dashboard's expressions hold no number in a notation that metric math would take for a name", () => {
	const template = Template.fromStack(new ObservabilityStack(testApp(), "observability", { settings: given({}), env }));
	const [dashboard] = propertiesOf(template, "AWS::CloudWatch::Dashboard");
	const expressions = [...JSON.stringify(dashboard).matchAll(/expression[\\]*":[\\]*"([^"\\]*)/g)].map(([, text = ""]) => text);
	expect(expressions.length).toBeGreaterThan(5);
	for (const text of expressions) expect(text).not.toMatch(/\de[-+]?\d/);
});

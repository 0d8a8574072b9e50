import { describe, expect, test } from "vitest";
import { regionId } from "#domain/geography/region-id.ts";
import { FUNCTIONS } from "#infra/description/functions.ts";
import { statementsOf } from "#infra/description/statements.ts";
import { AccessControl } from "#local/gateway/access-control.ts";
import type { AwsCall } from "#local/gateway/aws-service.ts";
import { Callers } from "#local/gateway/callers.ts";
import { neededActions, neededForUrl } from "#local/gateway/needed-actions.ts";
import { lineOf } from "#local/gateway/record-calls.ts";

const [HOME, ABROAD, FAR] = ["us-east-1", "eu-west-1", "ap-northeast-1"].map(regionId) as [
	ReturnType<typeof regionId>,
	ReturnType<typeof regionId>,
	ReturnType<typeof regionId>,
];
const DEPLOYMENT = {
	stage: "t",
	regions: [HOME, ABROAD, FAR],
	controlRegion: HOME,
	modelEndpointName: "model",
	featuresBucket: "bucket",
};
const call = (operation: string | undefined, body: unknown, more: Partial<AwsCall> = {}): AwsCall =>
	({ region: HOME, operation, method: "POST", path: "/", headers: {}, body: Buffer.from(JSON.stringify(body)), ...more }) as AwsCall;
const lines = (service: string, one: AwsCall): readonly string[] =>
	neededActions(service, one).map(({ action, resource }) => `${action} ${resource}`);

describe("what IAM asks for", () => {
	test.each([
		["dynamodb", call("GetItem", { TableName: "a" }), ["dynamodb:GetItem dynamodb:us-east-1:table/a"]],
		["dynamodb", call("Query", { TableName: "a", IndexName: "i" }), ["dynamodb:Query dynamodb:us-east-1:table/a/index/i"]],
		["dynamodb", call("Query", { TableName: "a", Key: { IndexName: { S: "x" } } }), ["dynamodb:Query dynamodb:us-east-1:table/a"]],
		[
			"dynamodb",
			call("BatchWriteItem", { RequestItems: { a: [], b: [] } }),
			["dynamodb:BatchWriteItem dynamodb:us-east-1:table/a", "dynamodb:BatchWriteItem dynamodb:us-east-1:table/b"],
		],
		[
			"dynamodb",
			call("TransactWriteItems", {
				TransactItems: [
					{ Put: { TableName: "a" } },
					{ Put: { TableName: "a" } },
					{ Update: { TableName: "a" } },
					{ Delete: { TableName: "b" } },
					{ ConditionCheck: { TableName: "a" } },
				],
			}),
			[
				"dynamodb:PutItem dynamodb:us-east-1:table/a",
				"dynamodb:UpdateItem dynamodb:us-east-1:table/a",
				"dynamodb:DeleteItem dynamodb:us-east-1:table/b",
				"dynamodb:ConditionCheckItem dynamodb:us-east-1:table/a",
			],
		],
		[
			"dynamodb",
			call("TransactGetItems", { TransactItems: [{ Get: { TableName: "a" } }] }),
			["dynamodb:GetItem dynamodb:us-east-1:table/a"],
		],
		[
			"states",
			call("StartExecution", { stateMachineArn: "arn:aws:states:us-east-1:1:stateMachine:m" }),
			["states:StartExecution states:us-east-1:stateMachine:m"],
		],
		[
			"states",
			call("DescribeExecution", { executionArn: "arn:aws:states:us-east-1:1:execution:m:e" }),
			["states:DescribeExecution states:us-east-1:execution:m:e"],
		],
		[
			"sagemaker",
			call(undefined, {}, { path: "/endpoints/model/invocations" }),
			["sagemaker:InvokeEndpoint sagemaker:us-east-1:endpoint/model"],
		],
		[
			"sagemaker",
			call("CreateTrainingJob", { TrainingJobName: "j", RoleArn: "arn:aws:iam::1:role/r" }),
			["sagemaker:CreateTrainingJob sagemaker:us-east-1:training-job/j", "iam:PassRole iam::role/r"],
		],
		[
			"sagemaker",
			call("CreateModel", { ModelName: "m", Tags: [{ Key: "team", Value: "places" }] }),
			["sagemaker:CreateModel sagemaker:us-east-1:model/m", "sagemaker:AddTags sagemaker:us-east-1:model/m"],
		],
		[
			"sagemaker",
			call("UpdateEndpoint", { EndpointName: "e", EndpointConfigName: "c" }),
			["sagemaker:UpdateEndpoint sagemaker:us-east-1:endpoint/e", "sagemaker:UpdateEndpoint sagemaker:us-east-1:endpoint-config/c"],
		],
		["s3", call(undefined, {}, { method: "PUT", path: "/bucket/a/b" }), ["s3:PutObject s3::bucket/a/b"]],
		["s3", call(undefined, {}, { method: "GET", path: "/bucket?list-type=2" }), ["s3:ListBucket s3::bucket"]],
	])("%s %#", (service, one, expected) => {
		expect(lines(service, one)).toEqual(expected);
	});

	test("what no permission is known for is refused to every function", () => {
		const access = new AccessControl(DEPLOYMENT);
		const caller = new Callers().issue(HOME, "serve-data");
		expect(access.refusal(caller, HOME, neededActions("dynamodb", call("DeleteTable", { TableName: "heliotrope-t-data" })))).toBeDefined();
		expect(access.refusal(caller, HOME, neededActions("sagemaker", call("DeleteEndpoint", { EndpointName: "model" })))).toBeDefined();
		expect(access.refusal(caller, HOME, neededActions("s3", call(undefined, {}, { method: "DELETE", path: "/bucket/a" })))).toBeDefined();
	});
});

describe("a role", () => {
	test("of a data plane ends at its region's table", () => {
		const access = new AccessControl(DEPLOYMENT);
		const caller = new Callers().issue(ABROAD, "serve-data");
		const put = (region: string) => [{ action: "dynamodb:PutItem", resource: `dynamodb:${region}:table/heliotrope-t-data` }];
		expect(access.refusal(caller, ABROAD, put(ABROAD))).toBeUndefined();
		expect(access.refusal(caller, FAR, put(FAR))).toEqual(put(FAR)[0]);
		expect(access.refusal(caller, FAR, neededForUrl(FAR, "heliotrope-t-serve-data"))).toBeUndefined();
		expect(access.refusal(caller, FAR, neededForUrl(FAR, "heliotrope-t-administer"))).toBeDefined();
	});

	test("exists for every function, and callers that are none may do everything", () => {
		for (const { name } of FUNCTIONS) expect(Array.isArray(statementsOf(name, ABROAD, DEPLOYMENT))).toBe(true);
		const access = new AccessControl(DEPLOYMENT);
		const needed = neededActions("dynamodb", call("Scan", { TableName: "heliotrope-t-data" }));
		expect(access.refusal(undefined, HOME, needed)).toBeUndefined();
		expect(access.refusal(new Callers().issue(HOME, "an-application"), HOME, needed)).toBeUndefined();
	});
});

test("the record names places by what they are to the function", () => {
	const place = { stage: "t", controlRegion: HOME };
	const line = (name: string, from: string, region: string, table = "data") => {
		const description = FUNCTIONS.find((one) => one.name === name) as (typeof FUNCTIONS)[number];
		return lineOf(description, from, "dynamodb:GetItem", `dynamodb:${region}:table/heliotrope-t-${table}`, place);
	};
	const read = "dynamodb:GetItem on dynamodb:table/data in";
	expect(DEPLOYMENT.regions.map((region) => line("carry-stream", ABROAD, region))).toEqual([
		`${read} control`,
		`${read} own`,
		`${read} other`,
	]);
	// There, its own table and the control region's are one
	expect(line("carry-stream", HOME, ABROAD)).toBeUndefined();
	expect(DEPLOYMENT.regions.map((region) => line("verify", HOME, region))).toEqual([`${read} control`, `${read} other`, `${read} other`]);
	expect(line("route-request", FAR, ABROAD, "metadata")).toBe("dynamodb:GetItem on dynamodb:table/metadata in any");
});

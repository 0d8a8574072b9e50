import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Stack } from "aws-cdk-lib";
import type { Template } from "aws-cdk-lib/assertions";
import { Bucket } from "aws-cdk-lib/aws-s3";
import { expect, test } from "vitest";
import { FUNCTIONS, functionName } from "#infra/description/functions.ts";
import { permissionsOf } from "#infra/description/permissions.ts";
import { composeStacks } from "#infra/stacks/compose-stacks.ts";
import { readable } from "#test/infra/stacks/readable.ts";
import { propertiesOf, type Synthesized, TEST_SETTINGS, testApp } from "#test/infra/stacks/synthesized.ts";

/** Roles may do what the description says, and nothing else. */
export function testLeastPrivilege(templates: Synthesized): void {
	interface Statement {
		readonly Action: string | readonly string[];
		readonly Resource: unknown;
		readonly Condition?: unknown;
	}

	const statementsOf = (template: Template): readonly Statement[] =>
		propertiesOf(template, "AWS::IAM::Policy").flatMap(({ PolicyDocument }) => (PolicyDocument as { Statement: Statement[] }).Statement);

	const allStatements = (): readonly Statement[] => [...templates.all.values()].flatMap(statementsOf);

	const actionsOf = (statement: Statement): readonly string[] => [statement.Action].flat();

	test("no action is a wildcard, and AWS-managed policies are not used", () => {
		for (const statement of allStatements()) for (const action of actionsOf(statement)) expect(action).not.toContain("*");
		for (const template of [...templates.all.values()]) {
			for (const role of propertiesOf(template, "AWS::IAM::Role")) expect(role["ManagedPolicyArns"]).toBeUndefined();
		}
	});

	test("a resource is a wildcard only where the action knows no resources", () => {
		const unnarrowable = /^(dynamodb:ListStreams|logs:\w+|xray:\w+|ecr:GetAuthorizationToken|cloudwatch:PutMetricData)$/;
		for (const statement of allStatements().filter(({ Resource }) => [Resource].flat().includes("*"))) {
			for (const action of actionsOf(statement)) expect(action).toMatch(unnarrowable);
		}
	});

	test("only the engine that moves data, the operator who removes an orphan, and who releases what was parked may delete", () => {
		const deleters = FUNCTIONS.filter(
			({ name, placement }) =>
				placement !== "edge" && permissionsOf(name).tables.some(({ table, actions }) => table === "data" && actions.includes("DeleteItem")),
		).map(({ entry }) => entry);
		const allowed = ["administer", "carry-stream", "reconcile-migrations", "run-stage", "sweep-parked"];
		expect([...new Set(deleters)].toSorted()).toEqual(allowed.map((folder) => `lambdas/${folder}/handler.ts`));
	});

	test("parked keys are released in the own region only", () => {
		for (const name of ["carry-stream", "sweep-parked"]) {
			const deleting = permissionsOf(name).tables.filter(({ actions }) => actions.includes("DeleteItem"));
			expect(deleting.map(({ where }) => where)).toEqual(["own"]);
		}
	});

	test("a data plane writes to its own region only", () => {
		const data = permissionsOf("serve-data").tables.filter(({ table }) => table === "data");
		expect(data.map(({ where }) => where)).toEqual(["own"]);
	});

	test("what has a function URL is invoked by it, and not beside it", () => {
		const urls = allStatements().filter((statement) => actionsOf(statement).includes("lambda:InvokeFunctionUrl"));
		expect(urls.length).toBeGreaterThan(0);
		for (const { Action } of urls) expect(Action).toBe("lambda:InvokeFunctionUrl");
		const byUrl = allStatements().filter(({ Condition }) => JSON.stringify(Condition ?? "").includes("InvokedViaFunctionUrl"));
		expect(byUrl.map(({ Action, Resource }) => [Action, Resource])).toEqual(
			urls.map(({ Resource }) => ["lambda:InvokeFunction", Resource]),
		);
	});

	test("a role is passed to SageMaker, and to no other service", () => {
		const passing = allStatements().filter((statement) => actionsOf(statement).includes("iam:PassRole"));
		expect(passing.length).toBeGreaterThan(0);
		for (const { Condition } of passing) expect(Condition).toEqual({ StringEquals: { "iam:PassedToService": "sagemaker.amazonaws.com" } });
	});

	/** `action on resource`, and under which condition, of everything that the role of a function allows. */
	function allowedTo(template: Template, name: string): readonly string[] {
		const lambda = propertiesOf(template, "AWS::Lambda::Function").find(
			({ FunctionName }) => FunctionName === functionName(TEST_SETTINGS.stage, name),
		);
		const role = (lambda?.["Role"] as { "Fn::GetAtt": readonly [string, string] } | undefined)?.["Fn::GetAtt"][0];
		const policies = propertiesOf(template, "AWS::IAM::Policy").filter(({ Roles }) =>
			(Roles as { Ref: string }[]).some(({ Ref }) => Ref === role),
		);
		const statements = policies.flatMap(({ PolicyDocument }) => (PolicyDocument as { Statement: Statement[] }).Statement);
		const under = ({ Condition }: Statement): string => (Condition === undefined ? "" : ` if ${JSON.stringify(Condition)}`);
		return statements.flatMap((statement) =>
			actionsOf(statement).flatMap((action) =>
				[statement.Resource].flat().map((resource) => `${action} on ${readable(resource)}${under(statement)}`),
			),
		);
	}

	test("the role of a region's data plane writes to no other region's data table", () => {
		for (const [region, template] of templates.regions) {
			const writes = allowedTo(template, "serve-data").filter((line) =>
				/^dynamodb:(?!GetItem|BatchGetItem|Query|Scan|Describe).* on .*table\/heliotrope-test-data/.test(line),
			);
			expect(writes.length, region).toBeGreaterThan(0);
			expect(writes.filter((line) => !line.includes(`:dynamodb:${region}:`))).toEqual([]);
		}
	});

	test("the edge reads the metadata and calls data planes, and besides writes its own logs only", () => {
		const allowed = allowedTo(templates.all.get("heliotrope-test-edge") as Template, "route-request");
		const kinds = new Set(allowed.map((line) => line.replace(/:(us-east-1|eu-west-1|ap-northeast-1|\*):123456789012:/, ":<region>:")));
		expect([...kinds].toSorted()).toEqual([
			"dynamodb:GetItem on arn:aws:dynamodb:<region>:table/heliotrope-test-metadata",
			"dynamodb:Query on arn:aws:dynamodb:<region>:table/heliotrope-test-metadata",
			'lambda:InvokeFunction on arn:aws:lambda:<region>:function:heliotrope-test-serve-data if {"Bool":{"lambda:InvokedViaFunctionUrl":"true"}}',
			"lambda:InvokeFunctionUrl on arn:aws:lambda:<region>:function:heliotrope-test-serve-data",
			...["CreateLogGroup", "CreateLogStream", "PutLogEvents"].map(
				(action) => `logs:${action} on arn:aws:logs:<region>:log-group:/aws/lambda/us-east-1.heliotrope-test-route-request:*`,
			),
		]);
	});

	interface Report {
		readonly pluginReports: readonly { readonly violations?: readonly { readonly ruleName: string }[] }[];
	}

	function findingsOf(withBucket: boolean): readonly string[] {
		const app = testApp();
		composeStacks(app, TEST_SETTINGS);
		if (withBucket) new Bucket(new Stack(app, "planted"), "open");
		const exitCode = process.exitCode;
		try {
			app.synth();
		} catch {
			// A failed validation may stop the synthesis; the report is written before.
		}
		process.exitCode = exitCode;
		const report = JSON.parse(readFileSync(join(app.outdir, "validation-report.json"), "utf8")) as Report;
		return report.pluginReports.flatMap(({ violations = [] }) => violations.map(({ ruleName }) => ruleName));
	}

	test("the AWS Solutions rules find nothing that is not acknowledged", () => {
		expect(findingsOf(false)).toEqual([]);
	});

	test("the AWS Solutions rules are in force: a planted bucket without logs is found", () => {
		expect(findingsOf(true)).toContainEqual(expect.stringContaining("AwsSolutions-S1"));
	});
}

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Stack } from "aws-cdk-lib";
import type { Template } from "aws-cdk-lib/assertions";
import { Bucket } from "aws-cdk-lib/aws-s3";
import { expect, test } from "vitest";
import { FUNCTIONS } from "#infra/description/functions.ts";
import { permissionsOf } from "#infra/description/permissions.ts";
import { composeStacks } from "#infra/stacks/compose-stacks.ts";
import { propertiesOf, type Synthesized, TEST_SETTINGS, testApp } from "#test/infra/stacks/synthesized.ts";

/** Roles may do what the description says, and nothing else. */
export function testLeastPrivilege(templates: Synthesized): void {
	interface Statement {
		readonly Action: string | readonly string[];
		readonly Resource: unknown;
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

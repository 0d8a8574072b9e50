import { readFileSync } from "node:fs";
import type { Template } from "aws-cdk-lib/assertions";
import { describe, expect, test } from "vitest";
import { FUNCTIONS, type FunctionDescription, functionName } from "#infra/description/functions.ts";
import { lineOf } from "#local/gateway/record-calls.ts";
import { readable } from "#test/infra/stacks/readable.ts";
import { propertiesOf, type Synthesized, TEST_SETTINGS } from "#test/infra/stacks/synthesized.ts";
import { UNRECORDED } from "#test/infra/stacks/unrecorded.ts";

/** What services do with a function's role before and after it runs; handlers make no such calls. */
const BY_THE_SERVICE =
	/^(logs:\w+|xray:\w+|sqs:SendMessage|kinesis:\w+|dynamodb:(DescribeStream|GetRecords|GetShardIterator|ListStreams)|kms:\w+)$/;
/** Not the control region: there, a region's own table and the control region's are one. */
const REGION = "eu-west-1";

interface Statement {
	readonly Action: string | readonly string[];
	readonly Resource: unknown;
}

/** Roles allow what recorded runs of the functions needed, and each line beyond that has a reason. */
export function testRecordedCalls(templates: Synthesized): void {
	const record = JSON.parse(readFileSync("test/infra/recorded-calls.json", "utf8")) as Readonly<Record<string, readonly string[]>>;

	const templateOf = ({ placement, name }: FunctionDescription): Template | undefined =>
		placement === "every-region"
			? templates.regions.get(REGION)
			: [...templates.all.values()].find((one) => roleOf(one, name) !== undefined);

	const roleOf = (template: Template, name: string): string | undefined => {
		const found = propertiesOf(template, "AWS::Lambda::Function").find(
			({ FunctionName }) => FunctionName === functionName(TEST_SETTINGS.stage, name),
		);
		return (found?.["Role"] as { "Fn::GetAtt": readonly string[] } | undefined)?.["Fn::GetAtt"][0];
	};

	/** The lines that a function's role on AWS allows. */
	function allowedTo(description: FunctionDescription): readonly string[] {
		const template = templateOf(description) as Template;
		const role = roleOf(template, description.name);
		const statements = propertiesOf(template, "AWS::IAM::Policy")
			.filter(({ Roles }) => (Roles as { Ref: string }[]).some(({ Ref }) => Ref === role))
			.flatMap(({ PolicyDocument }) => (PolicyDocument as { Statement: Statement[] }).Statement);
		const pairs = statements.flatMap(({ Action, Resource }) =>
			[Action].flat().flatMap((action) => [Resource].flat().map((resource) => [action as string, shortName(readable(resource))] as const)),
		);
		const from = description.placement === "every-region" ? REGION : TEST_SETTINGS.controlRegion;
		const lines = pairs
			.filter(([action]) => !BY_THE_SERVICE.test(action))
			.map(([action, resource]) => lineOf(description, from, action, resource, TEST_SETTINGS) ?? "");
		return [...new Set(lines)].toSorted();
	}

	/** `arn:<partition>:<service>:<region>:<account>:<resource>` without partition and account. */
	const shortName = (arn: string): string => {
		const [, , service, region, , ...resource] = arn.replace("<AWS::Partition>", "aws").split(":");
		return [service, region, ...resource].join(":");
	};

	describe.each(FUNCTIONS.filter(({ name }) => name !== "learn-route"))("$name", (description) => {
		const allowed = () => allowedTo(description);
		const needed = record[description.name] ?? [];
		/** A region is a region: what was needed in some other one needs no occasion of its own in this one. */
		const isNeeded = (line: string) => needed.includes(line) || needed.includes(line.replace(/ in (own|control)$/, " in other"));
		const unrecorded = UNRECORDED[description.name] ?? [];
		const reasons = unrecorded.flatMap(({ lines }) => lines);
		const never = unrecorded.flatMap(({ lines, seldom }) => (seldom === true ? [] : lines));

		test("may do all that it needed", () => {
			const missing = needed.filter((line) => !allowed().includes(line));
			expect(missing, "in the record, but not in the role: npm run record-calls, if the function does not need it any more").toEqual([]);
		});

		test("may do nothing else, but for what has a reason", () => {
			const more = allowed().filter((line) => !isNeeded(line) && !reasons.includes(line));
			expect(more, "in the role, but never needed: take it away, or give the reason in test/infra/stacks/unrecorded.ts").toEqual([]);
		});

		test("has reasons only for what it may do and was not seen to need", () => {
			expect(never.filter((line) => isNeeded(line) || !allowed().includes(line))).toEqual([]);
		});
	});

	test("the record and the reasons know no functions but those of the description", () => {
		const names = FUNCTIONS.map(({ name }) => name);
		for (const name of [...Object.keys(record), ...Object.keys(UNRECORDED)]) expect(names).toContain(name);
	});
}

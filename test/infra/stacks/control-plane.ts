import { readFileSync } from "node:fs";
import type { Template } from "aws-cdk-lib/assertions";
import { describe, expect, test } from "vitest";
import { cronExpression } from "#infra/constructs/schedule-expression.ts";
import { ACCESS_LOG_MAPPING, STREAM_MAPPINGS } from "#infra/description/event-sources.ts";
import { FUNCTIONS, functionName } from "#infra/description/functions.ts";
import { SCHEDULES } from "#infra/description/schedules.ts";
import { functionSubstitution, STATE_MACHINES, stateMachineName } from "#infra/description/state-machines.ts";
import { scheduled } from "#infra/settings/scheduled.ts";
import { propertiesOf, type Synthesized, TEST_SETTINGS } from "#test/infra/stacks/synthesized.ts";

/** State machines, schedules and event sources of the templates are the described ones. */
export function testControlPlane(templates: Synthesized): void {
	const placeholdersIn = (file: string): readonly string[] =>
		[...new Set([...readFileSync(file, "utf8").matchAll(/\$\{(\w+)\}/g)].map(([, key = ""]) => key))].toSorted();

	describe.each(STATE_MACHINES)("state machine $name", (description) => {
		const deployed = () =>
			templates.control
				.flatMap((template) => propertiesOf(template, "AWS::StepFunctions::StateMachine"))
				.find(({ StateMachineName }) => StateMachineName === stateMachineName(TEST_SETTINGS.stage, description.name));

		test("names only functions of the description", () => {
			const known = FUNCTIONS.map(({ name }) => functionSubstitution(name));
			const named = placeholdersIn(description.definition);
			expect(named.length).toBeGreaterThan(0);
			for (const placeholder of named) expect(known).toContain(placeholder);
		});

		test("gets an ARN for each placeholder of its ASL file", () => {
			const substitutions = deployed()?.["DefinitionSubstitutions"] as Record<string, unknown>;
			expect(Object.keys(substitutions).toSorted()).toEqual(placeholdersIn(description.definition));
		});

		test("says itself how long an execution may run", () => {
			const { TimeoutSeconds } = JSON.parse(readFileSync(description.definition, "utf8")) as { readonly TimeoutSeconds?: number };
			expect(TimeoutSeconds).toBeGreaterThan(0);
		});

		test("logs everything and is traced", () => {
			expect(deployed()).toMatchObject({
				LoggingConfiguration: { Level: "ALL" },
				TracingConfiguration: { Enabled: true },
			});
		});
	});

	const places = SCHEDULES.flatMap((schedule) =>
		schedule.where === "every-region"
			? [...templates.regions.values()].map((template) => [schedule, [template]] as const)
			: [[schedule, templates.control] as const],
	);

	test.each(places)(
		"the schedule $name fires when the settings say, at its target, with the planned time as its input",
		(description, from) => {
			const name = `heliotrope-${TEST_SETTINGS.stage}-${description.name}`;
			const [template] = from.filter((one) => propertiesOf(one, "AWS::Scheduler::Schedule").some(({ Name }) => Name === name));
			const schedule = propertiesOf(template as Template, "AWS::Scheduler::Schedule").find(({ Name }) => Name === name);
			const { everyMinutes, offsetMinutes } = scheduled(TEST_SETTINGS, description);
			expect(schedule).toMatchObject({
				ScheduleExpression: cronExpression(everyMinutes, offsetMinutes),
				ScheduleExpressionTimezone: "UTC",
				FlexibleTimeWindow: { Mode: "OFF" },
				Target: { Input: '{"scheduledTime":"<aws.scheduler.scheduled-time>"}' },
			});
			const { target } = description;
			const [type, property, called] =
				"function" in target
					? ["AWS::Lambda::Function", "FunctionName", functionName(TEST_SETTINGS.stage, target.function)]
					: ["AWS::StepFunctions::StateMachine", "StateMachineName", stateMachineName(TEST_SETTINGS.stage, target.stateMachine)];
			const found = Object.entries((template as Template).findResources(type)).find(
				([, { Properties }]) => Properties[property] === called,
			);
			const { Arn = {} } = (schedule?.["Target"] ?? {}) as { Arn?: Readonly<Record<string, unknown>> };
			expect(["Ref", "Fn::GetAtt"].map((kind) => [Arn[kind]].flat()[0])).toContain(found?.[0]);
		},
	);

	test("no stack has a schedule that the description does not know", () => {
		const described = SCHEDULES.map(({ name }) => `heliotrope-${TEST_SETTINGS.stage}-${name}`);
		for (const template of templates.all.values())
			for (const { Name } of propertiesOf(template, "AWS::Scheduler::Schedule")) expect(described).toContain(Name);
	});

	test.each(STREAM_MAPPINGS)("the stream of $table feeds $function ($where), filtered and without a retry limit", (mapping) => {
		for (const template of mapping.where === "control" ? [templates.console] : templates.regions.values()) {
			const [source, ...more] = propertiesOf(template, "AWS::Lambda::EventSourceMapping");
			expect(more).toEqual([]);
			expect(source).toMatchObject({
				BatchSize: mapping.batchSize,
				FunctionResponseTypes: ["ReportBatchItemFailures"],
				StartingPosition: "TRIM_HORIZON",
				BisectBatchOnFunctionError: true,
				// Before the stream forgets it, a record is named in the dead-letter queue
				MaximumRecordAgeInSeconds: 84_600,
				DestinationConfig: { OnFailure: { Destination: { "Fn::GetAtt": [expect.stringContaining("DeadLetters"), "Arn"] } } },
				FilterCriteria: {
					Filters: [{ Pattern: JSON.stringify({ dynamodb: { Keys: { sk: { S: [{ prefix: mapping.sortKeyPrefix }] } } } }) }],
				},
			});
			expect(source?.["MaximumRetryAttempts"] ?? -1).toBe(-1);
		}
	});

	test("access records are counted in tumbling windows", () => {
		expect(propertiesOf(templates.prediction, "AWS::Lambda::EventSourceMapping")).toEqual([
			expect.objectContaining({
				TumblingWindowInSeconds: ACCESS_LOG_MAPPING.tumblingWindowSeconds,
				BatchSize: ACCESS_LOG_MAPPING.batchSize,
				BisectBatchOnFunctionError: true,
				DestinationConfig: { OnFailure: { Destination: expect.anything() } },
			}),
		]);
	});
}

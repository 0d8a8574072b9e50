import { readFileSync } from "node:fs";
import type { Template } from "aws-cdk-lib/assertions";
import { describe, expect, test } from "vitest";
import { ACCESS_LOG_MAPPING, STREAM_MAPPINGS } from "#infra/description/event-sources.ts";
import { FUNCTIONS } from "#infra/description/functions.ts";
import { SCHEDULES } from "#infra/description/schedules.ts";
import { functionSubstitution, STATE_MACHINES, stateMachineName } from "#infra/description/state-machines.ts";
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

		test("logs everything and is traced", () => {
			expect(deployed()).toMatchObject({
				LoggingConfiguration: { Level: "ALL" },
				TracingConfiguration: { Enabled: true },
			});
		});
	});

	test("every described schedule exists, with the planned time as its input", () => {
		const deployed = (from: readonly Template[], where: "every-region" | undefined) => {
			const schedules = from.flatMap((template) => propertiesOf(template, "AWS::Scheduler::Schedule"));
			const described = SCHEDULES.filter((schedule) => schedule.where === where).map(({ name }) => `heliotrope-test-${name}`);
			expect(schedules.map(({ Name }) => Name).toSorted()).toEqual(described.toSorted());
			for (const schedule of schedules) {
				expect(schedule).toMatchObject({
					ScheduleExpressionTimezone: "UTC",
					Target: { Input: '{"scheduledTime":"<aws.scheduler.scheduled-time>"}' },
				});
			}
		};
		deployed(templates.control, undefined);
		for (const template of templates.regions.values()) deployed([template], "every-region");
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

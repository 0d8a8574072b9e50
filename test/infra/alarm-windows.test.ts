import { Template } from "aws-cdk-lib/assertions";
import { describe, expect, test } from "vitest";
import { parseSettings } from "#infra/settings.ts";
import { ObservabilityStack } from "#infra/stacks/observability-stack.ts";
import { propertiesOf, testApp } from "#test/infra/stacks/synthesized.ts";

interface Alarm {
	readonly AlarmName: string;
	readonly Period: number;
	readonly EvaluationPeriods: number;
}

const HOUR = 3600;
const DAY = 24 * HOUR;

function alarmsWith(minutes: number): readonly Alarm[] {
	const settings = parseSettings({
		stage: "try",
		regions: ["us-east-1"],
		controlRegion: "us-east-1",
		schedules: { predictMinutes: minutes, reconcileMinutes: minutes, sweepMinutes: minutes },
	});
	const stack = new ObservabilityStack(testApp(), "observability", { settings, env: { region: "us-east-1" } });
	return propertiesOf(Template.fromStack(stack), "AWS::CloudWatch::Alarm") as unknown as Alarm[];
}

describe.each([5, 60, 120, 360, 720, 1440])("alarms where runs are %i minutes apart", (minutes) => {
	const alarms = alarmsWith(minutes);
	const named = (name: string): Alarm => alarms.find(({ AlarmName }) => AlarmName === `heliotrope-try-${name}`) as Alarm;

	test("look back no longer than CloudWatch lets them", () => {
		for (const { AlarmName, Period, EvaluationPeriods } of alarms)
			expect(Period * EvaluationPeriods, AlarmName).toBeLessThanOrEqual(Period >= HOUR ? 7 * DAY : DAY);
	});

	test.each(["prediction-fails", "recovery-fails", "model-errors"])(
		"%s rings when two runs in a row fail: each of its two periods has one",
		(name) => {
			expect(named(name).EvaluationPeriods).toBe(2);
			expect(named(name).Period).toBe(Math.max(HOUR, minutes * 60));
		},
	);

	test("prediction-missing does not ring between two runs that end well, nor where one of them is late", () => {
		const { Period, EvaluationPeriods } = named("prediction-missing");
		expect(Period * EvaluationPeriods).toBe(Math.max(6 * HOUR, 2 * minutes * 60));
		expect(Period).toBeLessThanOrEqual(DAY);
	});
});

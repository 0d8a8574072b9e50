import { describe, expect, test } from "vitest";
import { cronExpression } from "#infra/constructs/schedule-expression.ts";
import { SCHEDULES } from "#infra/description/schedules.ts";
import { scheduled } from "#infra/settings/scheduled.ts";
import { parseSettings, type SettingsInput } from "#infra/settings.ts";
import { nextFiringMs } from "#local/schedules/schedule-runner.ts";
import fc from "#test/__helpers__/fast-check.ts";
import { cronFirings } from "#test/infra/stacks/cron-firings.ts";

const DAY_MS = 24 * 3600 * 1000;
/** Over the end of a year, of months and of a February. */
const FROM_MS = Date.parse("2025-12-20T00:00:00Z");
const TO_MS = FROM_MS + 90 * DAY_MS;

const settings = (schedules: NonNullable<SettingsInput["schedules"]> = {}) =>
	parseSettings({ stage: "dev", regions: ["us-east-1"], controlRegion: "us-east-1", schedules });

/** When the local cloud fires. */
function localFirings(schedule: { everyMinutes: number; offsetMinutes: number }, fromMs: number, toMs: number): readonly number[] {
	const instants: number[] = [];
	for (let at = nextFiringMs(schedule, fromMs - 1); at < toMs; at = nextFiringMs(schedule, at)) instants.push(at);
	return instants;
}

describe("cronExpression", () => {
	test.each([
		[60, 6, "cron(6 * * * ? *)"],
		[15, 0, "cron(0/15 * * * ? *)"],
		[30, 29, "cron(29/30 * * * ? *)"],
		[360, 65, "cron(5 1/6 * * ? *)"],
		[1440, 0, "cron(0 0 * * ? *)"],
		[1440, 200, "cron(20 3 * * ? *)"],
		[7 * 1440, 3 * 1440 + 200, "cron(20 3 ? * SUN *)"],
		[7 * 1440, 200, "cron(20 3 ? * THU *)"],
		[10 * 1440, 1440 + 190, "cron(10 3 2/10 * ? *)"],
		[31 * 1440, 3 * 1440 + 200, "cron(20 3 4 * ? *)"],
	])("every %i minutes, offset %i: %s", (everyMinutes, offsetMinutes, expression) => {
		expect(cronExpression(everyMinutes, offsetMinutes)).toBe(expression);
	});

	test("fires at multiples since the epoch plus the offset, or refuses", () => {
		fc.assert(
			fc.property(fc.integer({ min: 1, max: 1440 }), fc.integer({ min: -5, max: 1500 }), (everyMinutes, offsetMinutes) => {
				const divides = 60 % everyMinutes === 0 || (everyMinutes % 60 === 0 && 1440 % everyMinutes === 0);
				if (!divides || offsetMinutes < 0 || offsetMinutes >= everyMinutes) {
					expect(() => cronExpression(everyMinutes, offsetMinutes)).toThrow(RangeError);
					return;
				}
				const [from, to] = [FROM_MS, FROM_MS + DAY_MS];
				expect(cronFirings(cronExpression(everyMinutes, offsetMinutes), from, to)).toEqual(
					localFirings({ everyMinutes, offsetMinutes }, from, to),
				);
			}),
		);
	});
});

describe.each(SCHEDULES)("the schedule $name", (description) => {
	test.each([
		["as the local cloud has it", description],
		["as a deployment has it", scheduled(settings(), description)],
	])("fires on AWS at the instants of the local clock, %s", (_, { everyMinutes, offsetMinutes }) => {
		const fired = cronFirings(cronExpression(everyMinutes, offsetMinutes), FROM_MS, TO_MS);
		expect(fired.length).toBeGreaterThan(10);
		expect(fired).toEqual(localFirings({ everyMinutes, offsetMinutes }, FROM_MS, TO_MS));
	});
});

test.each([1, 2, 3, 5, 6, 8, 10, 14, 28, 31])("a training every %i days comes at 03:20, as many days apart within a month", (trainDays) => {
	const [train] = SCHEDULES.filter(({ name }) => name === "train").map((one) => scheduled(settings({ trainDays }), one));
	const fired = cronFirings(cronExpression(train?.everyMinutes ?? 0, train?.offsetMinutes ?? 0), FROM_MS, TO_MS);
	expect(fired.length).toBeGreaterThan(0);
	for (const [index, at] of fired.entries()) {
		expect(new Date(at).toISOString()).toContain("T03:20:00");
		const before = fired[index - 1];
		if (before !== undefined && new Date(before).getUTCMonth() === new Date(at).getUTCMonth()) expect(at - before).toBe(trainDays * DAY_MS);
	}
});

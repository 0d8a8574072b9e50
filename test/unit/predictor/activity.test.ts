import { expect, it } from "vitest";
import { activityOf } from "#predictor/features/activity.ts";
import { applyToGlobal } from "#predictor/features/shared-state.ts";

const MONDAY_NOON = 473_352 + 12;
const office = Array.from({ length: 8 * 7 }, (_, week) => MONDAY_NOON + Math.floor(week / 7) * 168 + (week % 7) * 24).map((hour) => ({
	partition: "p",
	region: "eu-west-1",
	segment: "",
	hour,
	reportHour: hour,
	count: 50,
}));
const state = applyToGlobal(undefined, office, MONDAY_NOON + 8 * 168);

it("a region that works at noon is busier than usual around noon and idle at midnight", () => {
	expect(activityOf(state, "eu-west-1", MONDAY_NOON - 2, 6)).toBeGreaterThan(2);
	expect(activityOf(state, "eu-west-1", MONDAY_NOON + 10, 6)).toBeLessThan(0.2);
});

it("over a whole week every region is as busy as usual, known or not", () => {
	expect(activityOf(state, "eu-west-1", MONDAY_NOON, 168)).toBeCloseTo(1, 9);
	expect(activityOf(state, "sa-east-1", MONDAY_NOON, 6)).toBeCloseTo(1, 9);
	expect(activityOf(undefined, "sa-east-1", MONDAY_NOON, 6)).toBeCloseTo(1, 9);
});

import { expect, it } from "vitest";
import { WeekProfile } from "#predictor/features/week-profile.ts";

const MONDAY_NOON = 473_352 + 12;
const profile = new WeekProfile(["us-east-1", "ap-northeast-1"], 180 * 24);
for (let day = 0; day < 8 * 7; day += 1) profile.add(0, 50, MONDAY_NOON + day * 24);
profile.refresh(MONDAY_NOON + 8 * 168);

it("a region that works at noon is busier than usual around noon and idle at midnight", () => {
	expect(profile.activity(0, MONDAY_NOON - 2, 6)).toBeGreaterThan(2);
	expect(profile.activity(0, MONDAY_NOON + 10, 6)).toBeLessThan(0.2);
});

it("over a whole week every region is as busy as usual, known or not", () => {
	expect(profile.activity(0, MONDAY_NOON, 168)).toBeCloseTo(1, 9);
	expect(profile.activity(1, MONDAY_NOON, 6)).toBeCloseTo(1, 9);
});

it("knows a day when it is over, whatever came in between", () => {
	const before = profile.ofHour(0, 20);
	profile.add(0, 1000, MONDAY_NOON + 8 * 168 + 8);
	profile.refresh(MONDAY_NOON + 8 * 168 + 10);
	expect(profile.ofHour(0, 20)).toBe(before);
	profile.refresh(MONDAY_NOON + 8 * 168 + 12);
	expect(profile.ofHour(0, 20)).toBeGreaterThan(before + 990);
});

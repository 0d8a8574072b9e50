import Holidays from "date-holidays";
import { describe, expect, it } from "vitest";
import { regionId } from "#domain/geography/region-id.ts";
import { partitionId } from "#domain/partition/partition-id.ts";
import { applyExternalFactors } from "#domain/prediction/external/apply-external-factors.ts";
import { holidayFactors, holidayLift, learnHolidays, type RegionHour } from "#domain/prediction/external/holiday-effect.ts";
import { holidayCalendar, shareOnHoliday } from "#domain/prediction/external/holidays.ts";
import { hourOf } from "#domain/prediction/hours.ts";

const [VIRGINIA, FRANKFURT, TOKYO] = [regionId("us-east-1"), regionId("eu-central-1"), regionId("ap-northeast-1")];
const REGIONS = [VIRGINIA, FRANKFURT, TOKYO];
/** Enough of them that a region's people are mostly of one country. */
const WORLD = [...REGIONS, ...["sa-east-1", "ap-south-1", "ap-southeast-1", "eu-west-1"].map(regionId)];
const at = (iso: string): number => hourOf(Date.parse(iso));
const year = holidayCalendar(WORLD, at("2024-01-01T00:00Z"), at("2025-01-01T00:00Z"));

describe("the holidays behind a region", () => {
	it.each([
		// Independence Day is a local day in summer time: 04:00 UTC to 04:00 UTC
		[VIRGINIA, "2024-07-04T03:00Z", false],
		[VIRGINIA, "2024-07-04T04:00Z", true],
		[VIRGINIA, "2024-07-05T03:00Z", true],
		[VIRGINIA, "2024-07-05T04:00Z", false],
		// Christmas in winter time: 05:00 UTC
		[VIRGINIA, "2024-12-25T04:00Z", false],
		[VIRGINIA, "2024-12-25T05:00Z", true],
	])("%s at %s: mostly on holiday %s", (region, iso, expected) => {
		expect(shareOnHoliday(year, region, at(iso)) > 0.4).toBe(expected);
	});

	it("weigh a country by its people among those that count to the region", () => {
		// German Unity Day: one country of many behind Frankfurt
		const unity = shareOnHoliday(year, FRANKFURT, at("2024-10-03T12:00Z"));
		expect(unity).toBeGreaterThan(0.05);
		expect(unity).toBeLessThan(0.3);
		for (let hour = at("2024-01-01T00:00Z"); hour < at("2025-01-01T00:00Z"); hour += 6)
			for (const region of WORLD) expect(shareOnHoliday(year, region, hour)).toBeLessThanOrEqual(1 + 1e-9);
	});
});

it("are those of the library, to the hour", () => {
	for (const country of ["JP", "NZ"]) {
		const expected = new Holidays(country, { types: ["public"] }).getHolidays(2023).filter(({ type }) => type === "public");
		expect(expected.length).toBeGreaterThan(8);
		const alone = holidayCalendar([regionId("us-east-1")], 0, 1e6).get(VIRGINIA) ?? [];
		for (const { start } of expected) {
			const hour = Math.round(start.getTime() / 3_600_000);
			expect(
				alone.some(({ startHour }) => startHour === hour),
				`${country} ${start.toISOString()}`,
			).toBe(true);
		}
	}
});

describe("what holidays do", () => {
	const hours = (accessesOn: (share: number) => number, from = "2024-01-01T00:00Z", to = "2024-12-01T00:00Z"): RegionHour[] => {
		const rows: RegionHour[] = [];
		for (let hour = at(from); hour < at(to); hour += 1)
			rows.push({ region: VIRGINIA, hour, accesses: accessesOn(shareOnHoliday(year, VIRGINIA, hour)), usual: 20 });
		return rows;
	};

	it("is learnt from the days that have passed: offices are empty", () => {
		const effect = learnHolidays(
			undefined,
			hours((share) => 20 * (1 - 0.8 * share)),
			year,
			at("2024-12-01T00:00Z"),
		);
		expect(holidayLift(effect, VIRGINIA)).toBeGreaterThan(0.15);
		expect(holidayLift(effect, VIRGINIA)).toBeLessThan(0.3);
		expect(holidayLift(effect, TOKYO)).toBe(1);
	});

	it("tilts the forecast of a holiday away from there, and leaves every other day as it is", () => {
		const effect = learnHolidays(
			undefined,
			hours((share) => 20 * (1 - 0.8 * share)),
			year,
			at("2024-12-01T00:00Z"),
		);
		const vectorAt = (iso: string) => ({
			partition: partitionId("acme"),
			madeAtMs: Date.parse(iso),
			windowHours: 6,
			regions: REGIONS,
			probabilities: [0.6, 0.3, 0.1],
			expectedAccesses: 60,
			effectiveCount: 100,
		});
		const factors = holidayFactors(effect, year);
		const christmas = applyExternalFactors(vectorAt("2024-12-25T12:00Z"), factors);
		expect(christmas.probabilities[0]).toBeLessThan(0.5);
		expect(christmas.expectedAccesses).toBeLessThan(45);
		expect(christmas.tilts).toEqual(["public holidays"]);
		const ordinary = vectorAt("2024-12-12T12:00Z");
		expect(applyExternalFactors(ordinary, factors)).toBe(ordinary);
	});

	it("is nothing while nothing was learnt, and where holidays are days like others", () => {
		expect(holidayFactors(undefined, year)).toEqual([]);
		expect(
			holidayFactors(
				learnHolidays(
					undefined,
					hours(() => 20),
					year,
					at("2024-12-01T00:00Z"),
				),
				year,
			),
		).toEqual([]);
	});

	it("is learnt once, however often the same hours come", () => {
		const rows = hours((share) => 20 * (1 - share));
		const once = learnHolidays(undefined, rows, year, at("2024-12-01T00:00Z"));
		expect(learnHolidays(once, rows, year, at("2024-12-01T00:00Z"))).toEqual(once);
	});
});

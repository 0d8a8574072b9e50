import { DateTime } from "luxon";
import { describe, expect, it } from "vitest";
import { RegionClocks } from "#domain/geography/region-clocks.ts";
import { REGIONS } from "#domain/geography/regions.ts";

const HOUR_MS = 3_600_000;
const hourOf = (iso: string): number => Date.parse(`${iso}:00Z`) / HOUR_MS;
const aheadIn = (region: string, hour: number): number | undefined => new RegionClocks([region]).aheadAt(hour)[0];

describe("clocks are ahead", () => {
	it.each([
		["us-east-1", "2025-03-09T07:00", "2025-11-02T06:00"],
		["us-west-2", "2025-03-09T10:00", "2025-11-02T09:00"],
		["eu-west-1", "2025-03-30T01:00", "2025-10-26T01:00"],
		["eu-central-1", "2030-03-31T01:00", "2030-10-27T01:00"],
		["ap-southeast-2", "2024-10-05T16:00", "2025-04-05T16:00"],
		["sa-east-1", "2018-11-04T03:00", "2019-02-17T02:00"],
		["il-central-1", "2025-03-28T00:00", "2025-10-25T23:00"],
		["mx-central-1", "2022-04-03T08:00", "2022-10-30T07:00"],
	])("in %s from %s until before %s", (region, from, until) => {
		const hours = [hourOf(from) - 1, hourOf(from), hourOf(until) - 1, hourOf(until)];
		expect(hours.map((hour) => aheadIn(region, hour))).toEqual([0, 1, 1, 0]);
	});

	it("nowhere else: where there is no summer time, in unknown regions, long ago and far ahead", () => {
		const summer = hourOf("2025-07-01T00:00");
		for (const region of ["ap-south-1", "ap-northeast-1", "sa-east-1", "mx-central-1", "xx-nowhere-1"])
			expect(aheadIn(region, summer)).toBe(0);
		for (const hour of [0, hourOf("2009-07-01T00:00"), hourOf("2009-12-31T23:00"), hourOf("2041-01-01T00:00"), hourOf("2050-07-01T00:00")])
			for (const region of ["us-east-1", "ap-southeast-2"]) expect(aheadIn(region, hour)).toBe(0);
	});

	it("whenever the time zone says so, in every region of the catalogue", () => {
		const clocks = new RegionClocks(REGIONS.map(({ id }) => id));
		for (let hour = hourOf("2010-01-01T00:00"); hour < hourOf("2026-01-01T00:00"); hour += 131) {
			const expected = REGIONS.map(({ zone }) => (DateTime.fromMillis(hour * HOUR_MS, { zone }).isInDST ? 1 : 0));
			expect([hour, ...clocks.aheadAt(hour)]).toEqual([hour, ...expected]);
		}
	});
});

it("clocks are the same whatever was asked before", () => {
	const regions = ["us-east-1", "eu-west-1", "ap-southeast-2"];
	const kept = new RegionClocks(regions);
	const hours = Array.from({ length: 300 }, (_, index) => hourOf("2024-01-01T00:00") + ((index * 7919) % 17_000));
	for (const hour of hours) expect([...kept.aheadAt(hour)]).toEqual([...new RegionClocks(regions).aheadAt(hour)]);
});

import { describe, expect, it } from "vitest";
import { parseOutsideOptions } from "#cli/replay/outside-options.ts";
import { UsageError } from "#cli/usage-error.ts";
import { regionId } from "#domain/geography/region-id.ts";
import { logFiles } from "#test/unit/replay/readers/log-files.ts";

const { logFile } = logFiles();

const regions = ["us-east-1", "ap-northeast-1"].map(regionId);
const launch = { name: "launch", start: "2024-05-01T00:00:00Z", end: "2024-05-03T00:00:00Z", lift: { "ap-northeast-1": 20 } };
const parse = (json: unknown) => parseOutsideOptions({ events: logFile(JSON.stringify(json)) }, regions);

describe("what a replay is told from outside", () => {
	it("is public holidays and no event where nothing is given", () => {
		expect(parseOutsideOptions({}, regions)).toEqual({ events: [], holidays: true });
		expect(parseOutsideOptions({ holidays: false }, regions)).toEqual({ events: [], holidays: false });
	});

	it("is a list of events as they are declared, or as the admin API lists them", () => {
		const declared = { ...launch, declaredAt: "2024-04-28T12:00:00Z", partitions: ["shop:*"], segments: ["travel"] };
		expect(parse([launch, declared]).events).toEqual([launch, declared]);
		expect(parse({ events: [{ ...launch, eventId: "launch-1", state: "over" }] }).events).toHaveLength(1);
	});

	it.each([
		[[launch, { ...launch, end: launch.start }], /entry 2 \("launch"\): end: must be after start/],
		[[{ ...launch, lift: {} }], /entry 1 \("launch"\): lift: names no region/],
		[[{ ...launch, lift: { "eu-west-1": 2 } }], /entry 1 .*lift: eu-west-1 is not among the regions us-east-1, ap-northeast-1/],
		[[{ ...launch, lift: { "ap-northeast-1": -1 } }], /entry 1 .*lift\.ap-northeast-1: /],
		[[{ ...launch, end: "2024-09-01T00:00:00Z" }], /within 60 days of start/],
		[[{ ...launch, declaredAt: "2024-06-01T00:00:00Z" }], /declaredAt: must be before end/],
		[[{ ...launch, colour: "red" }], /entry 1 .*colour/],
		[["launch"], /entry 1: /],
		[{ name: "launch" }, /expected a list of events/],
	])("%j is told in one line, by its entry", (json, message) => {
		expect(() => parse(json)).toThrow(UsageError);
		expect(() => parse(json)).toThrow(message);
	});

	it("is no file that is missing or no JSON", () => {
		expect(() => parseOutsideOptions({ events: "/nowhere/events.json" }, regions)).toThrow(/cannot be read \(ENOENT\)/);
		expect(() => parseOutsideOptions({ events: logFile("name,start\n") }, regions)).toThrow(/is not JSON/);
	});
});

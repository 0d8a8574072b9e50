import { expect, test } from "vitest";
import { centreOfPopulation, countryCodes } from "#domain/geography/countries.ts";
import { createLocator } from "#domain/geography/locate.ts";
import { regionId } from "#domain/geography/region-id.ts";
import { REGIONS } from "#domain/geography/regions.ts";
import fc from "#test/__helpers__/fast-check.ts";
import { weighCountries } from "./weigh-countries.ts";

const nine = [
	"us-west-2",
	"us-east-1",
	"sa-east-1",
	"eu-west-1",
	"eu-central-1",
	"ap-south-1",
	"ap-southeast-1",
	"ap-northeast-1",
	"ap-southeast-2",
].map(regionId);
const locate = createLocator(nine);
const winter = Date.UTC(2023, 0, 15);
const summer = Date.UTC(2023, 6, 15);

test.each([
	[-720, "us-west-2"],
	[-420, "us-west-2"],
	[-419, "us-east-1"],
	[-225, "us-east-1"],
	[-210, "sa-east-1"],
	[-90, "sa-east-1"],
	[-60, "eu-west-1"],
	[-1, "eu-west-1"],
	[1, "eu-west-1"],
	[90, "eu-west-1"],
	[120, "eu-central-1"],
	[225, "eu-central-1"],
	[226, "ap-south-1"],
	[330, "ap-south-1"],
	[345, "ap-south-1"],
	[480, "ap-southeast-1"],
	[495, "ap-southeast-1"],
	[540, "ap-northeast-1"],
	[569, "ap-northeast-1"],
	[570, "ap-southeast-2"],
	[840, "ap-southeast-2"],
])("UTC%+i is %s", (utcOffsetMin, region) => {
	for (const tsMs of [winter, summer]) expect(locate({ utcOffsetMin, tsMs })).toEqual({ kind: "located", region, by: "tz" });
});

test.each([
	["2023-01-15T12:00:00Z", "eu-central-1"],
	["2023-03-26T00:59:59Z", "eu-central-1"],
	["2023-03-26T01:00:00Z", "eu-west-1"],
	["2023-10-29T00:59:59Z", "eu-west-1"],
	["2023-10-29T01:00:00Z", "eu-central-1"],
])("UTC+1 at %s is %s", (iso, region) => {
	expect(locate({ utcOffsetMin: 60, tsMs: Date.parse(iso) })).toMatchObject({ region });
});

test.each([
	[{}, "no-geography"],
	[{ region: "", country: "" }, "no-geography"],
	[{ region: "atlantis" }, "unknown-region"],
	[{ region: "mars-north-1" }, "unknown-region"],
	[{ country: "EU" }, "unknown-country"],
	[{ country: "A1", utcOffsetMin: 0, tsMs: 0 }, "unknown-country"],
	[{ utcOffsetMin: 0, tsMs: winter }, "ambiguous-tz"],
	[{ utcOffsetMin: 9000, tsMs: winter }, "bad-tz"],
	[{ utcOffsetMin: Number.NaN, tsMs: winter }, "bad-tz"],
	[{ latitude: 91, longitude: 0 }, "bad-coordinates"],
	[{ latitude: 50 }, "bad-coordinates"],
])("%j cannot be placed: %s", (hint, reason) => {
	expect(locate(hint)).toEqual({ kind: "unlocated", reason });
});

test.each([
	[{ region: "eu-west-1", country: "JP" }, "eu-west-1", "region"],
	[{ region: "us-west-1" }, "us-west-2", "region"],
	[{ latitude: 48.1, longitude: 11.6, country: "JP" }, "eu-central-1", "coordinates"],
	[{ country: "jp" }, "ap-northeast-1", "country"],
	[{ country: "NZ" }, "ap-southeast-2", "country"],
	[{ country: "BR" }, "sa-east-1", "country"],
	[{ country: "EU", utcOffsetMin: 330, tsMs: winter }, "ap-south-1", "tz"],
])("%j is near %s", (hint, region, by) => {
	expect(locate(hint)).toEqual({ kind: "located", region, by });
});

test("with fewer regions every hint goes to the nearest that is deployed", () => {
	const two = createLocator(["us-east-1", "ap-southeast-1"].map(regionId));
	expect(two({ region: "ap-northeast-1" })).toMatchObject({ region: "ap-southeast-1" });
	expect(two({ utcOffsetMin: 60, tsMs: winter })).toMatchObject({ region: "us-east-1" });
	expect(two({ country: "IN" })).toMatchObject({ region: "ap-southeast-1" });
});

test("whatever the hint, the outcome is a deployed region or a reason", () => {
	const hint = fc.record(
		{
			region: fc.string(),
			country: fc.string(),
			latitude: fc.double(),
			longitude: fc.double(),
			utcOffsetMin: fc.double(),
			tsMs: fc.integer(),
		},
		{ requiredKeys: [] },
	);
	fc.assert(
		fc.property(hint, (given) => {
			const found = locate(given);
			expect(found.kind === "located" ? nine.includes(found.region) : found.reason.length > 0).toBe(true);
		}),
		{ seed: 11, numRuns: 500 },
	);
});

test("countries lie where GeoNames says that people live", () => {
	const centres = weighCountries();
	expect(countryCodes()).toEqual([...centres.keys()]);
	for (const [code, { latitude, longitude }] of centres) {
		expect(centreOfPopulation(code)?.latitude).toBeCloseTo(latitude, 1);
		expect(centreOfPopulation(code)?.longitude).toBeCloseTo(longitude, 1);
	}
});

test.each([
	["RU", "eu-central-1", "most Russians live in Europe, though the middle of the land is in Siberia"],
	["CA", "us-east-1", "most Canadians live in the east, though the middle of the land is in Manitoba"],
	["US", "us-east-1", "the centre of population is in Missouri"],
])("%s is served by %s: %s", (country, region) => {
	expect(locate({ country })).toMatchObject({ kind: "located", region });
});

test("region codes of the catalogue are unique and lie on the globe", () => {
	expect(new Set(REGIONS.map(({ id }) => id)).size).toBe(REGIONS.length);
	for (const { latitude, longitude } of REGIONS) expect(Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180).toBe(true);
});

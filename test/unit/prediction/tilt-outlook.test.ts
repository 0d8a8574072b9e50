import { expect, it } from "vitest";
import { regionId } from "#domain/geography/region-id.ts";
import { tiltOutlook } from "#domain/prediction/external/tilt-outlook.ts";
import { HOUR_MS } from "#domain/prediction/hours.ts";

const REGIONS = ["us-east-1", "ap-northeast-1"].map(regionId);
const FROM = 473_352;
const TOKYO = REGIONS[1] ?? regionId("ap-northeast-1");
const outlook = () => ({ fromHour: FROM, accesses: Float32Array.from([1, 2, 1, 2, 1, 2, 1, 2]) });
const factor = { name: "match", startMs: (FROM + 1) * HOUR_MS, endMs: (FROM + 2.5) * HOUR_MS, lift: new Map([[TOKYO, 3]]) };

it("lifts the hours of an outlook that a factor lasts, by the share of the hour, and its regions alone", () => {
	const tilted = outlook();
	tiltOutlook(tilted, REGIONS, [factor]);
	expect([...tilted.accesses]).toEqual([1, 2, 1, 6, 1, 4, 1, 2]);
});

it("leaves an outlook as it is where a factor is over, or names segments of which nothing is known", () => {
	const tilted = outlook();
	tiltOutlook(tilted, REGIONS, [
		{ ...factor, endMs: FROM * HOUR_MS },
		{ ...factor, segments: new Set(["travel"]) },
	]);
	expect(tilted).toEqual(outlook());
});

it("lifts of a region what its segments in question are expected to be", () => {
	const tilted = outlook();
	const joint = { office: [0.3, 0.1], travel: [0, 0.3], "": [0.3, 0] };
	tiltOutlook(tilted, REGIONS, [{ ...factor, segments: new Set(["travel"]) }], joint);
	// three in four of Tokyo's accesses are travellers', whose are three times as many
	expect([...tilted.accesses]).toEqual([1, 2, 1, 5, 1, 3.5, 1, 2]);
});

it("does to all segments together what it does to a region without any", () => {
	const [one, other] = [outlook(), outlook()];
	tiltOutlook(one, REGIONS, [factor]);
	tiltOutlook(other, REGIONS, [{ ...factor, segments: new Set(["a", "b"]) }], { a: [0.5, 0.1], b: [0.1, 0.3] });
	expect([...other.accesses]).toEqual([...one.accesses].map((value) => expect.closeTo(value, 6)));
});

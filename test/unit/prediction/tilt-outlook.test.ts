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

it("leaves an outlook as it is where a factor is over, or names segments that an outlook does not know", () => {
	const tilted = outlook();
	tiltOutlook(tilted, REGIONS, [
		{ ...factor, endMs: FROM * HOUR_MS },
		{ ...factor, segments: new Set(["travel"]) },
	]);
	expect(tilted).toEqual(outlook());
});

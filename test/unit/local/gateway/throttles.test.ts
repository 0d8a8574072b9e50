import { expect, test } from "vitest";
import { regionId } from "#domain/geography/region-id.ts";
import { CallLog } from "#local/gateway/call-log.ts";
import { Throttles } from "#local/gateway/throttles.ts";

const EAST = regionId("us-east-1");

function refusals(seed: number, share: number, count: number): readonly boolean[] {
	const throttles = new Throttles({ nowMs: () => 0 }, seed);
	throttles.set(EAST, share, 1);
	return Array.from({ length: count }, () => throttles.refusal(EAST) !== undefined);
}

test("about the share is refused, the same requests for the same seed", () => {
	const refused = refusals(7, 0.3, 4000);
	expect(refused.filter(Boolean).length / 4000).toBeCloseTo(0.3, 1);
	expect(refusals(7, 0.3, 4000)).toEqual(refused);
	expect(refusals(8, 0.3, 4000)).not.toEqual(refused);
});

test("other regions, a share of 0, an end by time and a clearing let all through", () => {
	let nowMs = 0;
	const throttles = new Throttles({ nowMs: () => nowMs }, 1);
	throttles.set(EAST, 1, 100);
	expect(throttles.refusal(regionId("eu-west-1"))).toBeUndefined();
	expect(throttles.refusal(EAST)).toMatchObject({ status: 400 });
	nowMs = 100;
	expect(throttles.refusal(EAST)).toBeUndefined();
	throttles.set(EAST, 1, 1000);
	throttles.set(EAST, 0, 1000);
	expect(throttles.refusal(EAST)).toBeUndefined();
	throttles.set(EAST, 1, 1000);
	throttles.clear();
	expect(throttles.refusal(EAST)).toBeUndefined();
});

test("calls are counted by everything that a permission names", () => {
	const log = new CallLog();
	const call = { caller: "f", from: "us-east-1", action: "dynamodb:GetItem", resource: "t", allowed: true };
	for (const each of [call, { ...call, resource: "u" }, call, { ...call, caller: "g" }]) log.note(each);
	expect(log.counts()).toEqual([
		{ ...call, count: 2 },
		{ ...call, resource: "u", count: 1 },
		{ ...call, caller: "g", count: 1 },
	]);
});

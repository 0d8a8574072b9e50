import { expect, it } from "vitest";
import { partitionId } from "#domain/partition/partition-id.ts";
import { predictionVectorSchema, regionsOfSegment, segmentShares } from "#domain/prediction/prediction-vector.ts";
import { jointOf } from "#predictor/models/joint.ts";
import fc from "#test/__helpers__/fast-check.ts";
import { floored, REGIONS } from "#test/property/prediction/arbitraries.ts";

const counts = fc.array(fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1e5, noNaN: true })), {
	minLength: REGIONS.length,
	maxLength: REGIONS.length,
});
const segments = fc.dictionary(fc.string({ minLength: 1, maxLength: 8 }), counts, { minKeys: 1, maxKeys: 8 });

it("the joint sums over segments to the regions' forecast and over everything to 1, whatever was counted", () => {
	fc.assert(
		fc.property(counts, segments, counts, (forecast, bySegment, own) => {
			const probabilities = floored(forecast);
			const joint = jointOf(probabilities, bySegment, own);
			const vector = {
				partition: partitionId("acme"),
				madeAtMs: 0,
				windowHours: 6,
				regions: REGIONS,
				probabilities,
				joint,
				expectedAccesses: 1,
				effectiveCount: 1,
			};
			expect(predictionVectorSchema.safeParse(vector).error).toBeUndefined();
			const shares = segmentShares(vector);
			expect([...(shares?.values() ?? [])].reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
			for (const [segment, share] of shares ?? []) {
				const conditional = regionsOfSegment(vector, segment);
				if (share > 0) expect(conditional?.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 9);
				conditional?.forEach((p, region) => {
					expect(p * share).toBeCloseTo(joint[segment]?.[region] ?? Number.NaN, 12);
				});
			}
		}),
	);
});

it("segments that live apart stay apart, and their shares are the counted ones where the regions allow it", () => {
	const own = [60, 40, 0, 0];
	const joint = jointOf(floored(own), { office: [60, 0, 0, 0], travel: [0, 40, 0, 0] }, own);
	const shares = segmentShares({ joint });
	expect(shares?.get("office")).toBeCloseTo(0.6, 1);
	expect(regionsOfSegment({ joint }, "office")?.[0]).toBeGreaterThan(0.95);
	expect(regionsOfSegment({ joint }, "travel")?.[1]).toBeGreaterThan(0.95);
});

it("a vector whose joint does not add up is none", () => {
	const vector = {
		partition: partitionId("acme"),
		madeAtMs: 0,
		windowHours: 6,
		regions: REGIONS,
		probabilities: [0.25, 0.25, 0.25, 0.25],
		joint: { office: [0.25, 0.25, 0.25, 0.2] },
		expectedAccesses: 1,
		effectiveCount: 1,
	};
	expect(predictionVectorSchema.safeParse(vector).success).toBe(false);
});

import { expect, it } from "vitest";
import { partitionId } from "#domain/partition/partition-id.ts";
import { applyExternalFactors } from "#domain/prediction/external/apply-external-factors.ts";
import type { ExternalFactor } from "#domain/prediction/external/tilt.ts";
import { HOUR_MS } from "#domain/prediction/hours.ts";
import { type PredictionVector, predictionVectorSchema, segmentShares } from "#domain/prediction/prediction-vector.ts";
import { LEAD_HOURS } from "#domain/prediction/settings.ts";
import { jointOf } from "#predictor/models/joint.ts";
import fc from "#test/__helpers__/fast-check.ts";
import { floored, REGIONS } from "#test/property/prediction/arbitraries.ts";

const MADE_AT_MS = Date.UTC(2024, 2, 4);
const SEGMENTS = ["office", "travel"];
const counts = fc.array(fc.double({ min: 0, max: 1e4, noNaN: true }), { minLength: REGIONS.length, maxLength: REGIONS.length });

/** Where windows of forecasts made then begin. */
const FROM_MS = MADE_AT_MS + LEAD_HOURS * HOUR_MS;

const vectors: fc.Arbitrary<PredictionVector> = fc
	.record({ forecast: counts, office: counts, travel: counts, segmented: fc.boolean(), windowHours: fc.constantFrom(6, 24, 168) })
	.map(({ forecast, office, travel, segmented, windowHours }) => {
		const probabilities = floored(forecast);
		return {
			partition: partitionId("acme"),
			madeAtMs: MADE_AT_MS,
			windowHours,
			regions: REGIONS,
			probabilities,
			...(segmented ? { joint: jointOf(probabilities, { office, travel }, forecast) } : {}),
			expectedAccesses: 100,
			effectiveCount: 10,
		};
	});

const factors: fc.Arbitrary<ExternalFactor> = fc
	.record({
		fromHour: fc.integer({ min: -200, max: 200 }),
		hours: fc.integer({ min: 1, max: 200 }),
		lifts: fc.array(fc.oneof(fc.constant(1), fc.constant(0), fc.double({ min: 0, max: 1e4, noNaN: true })), { minLength: 4, maxLength: 4 }),
		segments: fc.option(fc.uniqueArray(fc.constantFrom(...SEGMENTS, "nobody"), { minLength: 1 }), { nil: undefined }),
		name: fc.constantFrom("launch", "match"),
	})
	.map(({ fromHour, hours, lifts, segments, name }) => ({
		name,
		startMs: MADE_AT_MS + fromHour * HOUR_MS,
		endMs: MADE_AT_MS + (fromHour + hours) * HOUR_MS,
		lift: new Map(REGIONS.map((region, index) => [region, lifts[index] ?? 1])),
		...(segments === undefined ? {} : { segments: new Set(segments) }),
	}));

it("whatever happens outside, the answer is a forecast: shares sum to 1, none is zero, the joint adds up", () => {
	fc.assert(
		fc.property(vectors, fc.array(factors, { maxLength: 4 }), (vector, outside) => {
			const tilted = applyExternalFactors(vector, outside);
			expect(predictionVectorSchema.safeParse(tilted).error).toBeUndefined();
			for (const p of tilted.probabilities) expect(p).toBeGreaterThanOrEqual(1e-4 * (1 - 1e-9));
			expect(tilted.expectedAccesses).toBeGreaterThanOrEqual(0);
		}),
	);
});

it("without factors, with factors of one, before and after them, the very same vector comes back", () => {
	fc.assert(
		fc.property(vectors, factors, (vector, factor) => {
			expect(applyExternalFactors(vector, [])).toBe(vector);
			expect(applyExternalFactors(vector, [{ ...factor, lift: new Map(REGIONS.map((region) => [region, 1])) }])).toBe(vector);
			const windowMs = vector.windowHours * HOUR_MS;
			expect(applyExternalFactors(vector, [{ ...factor, startMs: FROM_MS + windowMs, endMs: FROM_MS + 2 * windowMs }])).toBe(vector);
			expect(applyExternalFactors(vector, [{ ...factor, startMs: FROM_MS - windowMs, endMs: FROM_MS }])).toBe(vector);
		}),
	);
});

it("a factor that lasts the whole window multiplies the accesses of its region, and of no other", () => {
	fc.assert(
		fc.property(vectors, fc.integer({ min: 0, max: 3 }), fc.double({ min: 0.5, max: 50, noNaN: true }), (vector, index, lift) => {
			const region = REGIONS[index] ?? REGIONS[0];
			if (region === undefined || lift === 1) return;
			const endMs = FROM_MS + vector.windowHours * HOUR_MS;
			const tilted = applyExternalFactors(vector, [{ name: "x", startMs: FROM_MS, endMs, lift: new Map([[region, lift]]) }]);
			if (tilted.probabilities.some((p) => p < 2e-4)) return; // the floor moves small ones
			vector.probabilities.forEach((p, at) => {
				const before = p * vector.expectedAccesses;
				const after = (tilted.probabilities[at] ?? 0) * tilted.expectedAccesses;
				expect(after / before).toBeCloseTo(at === index ? lift : 1, 6);
			});
			expect(tilted.tilts).toEqual(["x"]);
		}),
	);
});

it("a factor of a segment leaves the accesses of the others alone", () => {
	fc.assert(
		fc.property(counts, counts, counts, (forecast, office, travel) => {
			const probabilities = floored(forecast);
			const joint = jointOf(probabilities, { office, travel }, forecast);
			const vector = {
				partition: partitionId("acme"),
				madeAtMs: MADE_AT_MS,
				windowHours: 6,
				regions: REGIONS,
				probabilities,
				joint,
				expectedAccesses: 100,
				effectiveCount: 1,
			};
			const lift = new Map(REGIONS.map((region) => [region, 3]));
			const factor = { name: "x", startMs: FROM_MS, endMs: FROM_MS + 6 * HOUR_MS, lift, segments: new Set(["travel"]) };
			const tilted = applyExternalFactors(vector, [factor]);
			const volume = (from: PredictionVector, segment: string) => (segmentShares(from)?.get(segment) ?? 0) * from.expectedAccesses;
			if (tilted.probabilities.some((p) => p < 2e-4)) return;
			expect(volume(tilted, "travel") / volume(vector, "travel")).toBeCloseTo(3, 6);
			expect(volume(tilted, "office")).toBeCloseTo(volume(vector, "office"), 6);
		}),
	);
});

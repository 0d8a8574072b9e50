import { describe, expect, it } from "vitest";
import { partitionId } from "#domain/partition/partition-id.ts";
import type { Calibration, Probe } from "#domain/prediction/calibration.ts";
import type { HourCount } from "#domain/prediction/feature-state.ts";
import { HOUR_MS } from "#domain/prediction/hours.ts";
import type { PredictionVector } from "#domain/prediction/prediction-vector.ts";
import { openProbes, watchProbes } from "#domain/prediction/probes.ts";
import { LEAD_HOURS } from "#domain/prediction/settings.ts";
import { OnlineCalibration } from "#predictor/evaluation/online-calibration.ts";
import { ProbeColumns } from "#predictor/evaluation/probe-columns.ts";
import { Calibrator, likeliest, seenOf, takeSeen } from "#predictor/models/calibration.ts";
import fc from "#test/__helpers__/fast-check.ts";
import { FIRST_HOUR, floored, REGIONS } from "#test/property/prediction/arbitraries.ts";

const forecasts = fc
	.array(fc.oneof(fc.constant(0), fc.double({ min: 0, max: 100, noNaN: true })), { minLength: 4, maxLength: 4 })
	.map((weights) => Float64Array.from(floored(weights)));
const outcomes = fc
	.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 500 })), { minLength: 4, maxLength: 4 })
	.filter((counts) => counts.some((count) => count > 0))
	.map((counts) => Float64Array.from(counts));
const windows = fc.array(fc.record({ forecast: forecasts, outcome: outcomes, gap: fc.integer({ min: 0, max: 12 }) }), { maxLength: 40 });

describe("a calibrated forecast", () => {
	it("is a forecast still: sum 1, nothing below 1e-4, the others in their proportions; unchanged before anything was seen", () => {
		fc.assert(
			fc.property(windows, forecasts, (seen, forecast) => {
				const untouched = forecast.slice();
				new Calibrator().adjust(untouched);
				expect(untouched).toEqual(forecast);
				const calibrator = new Calibrator();
				for (const window of seen) calibrator.addOutcome(window.forecast, window.outcome);
				const adjusted = forecast.slice();
				expect(calibrator.adjust(adjusted)).toBe(Math.max(...forecast));
				expect(adjusted.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 9);
				expect(Math.min(...adjusted)).toBeGreaterThanOrEqual(1e-4 * (1 - 1e-9));
				const top = likeliest(forecast);
				const [a = 0, b = 1] = [0, 1, 2, 3].filter((region) => region !== top);
				const above = (from: Float64Array, region: number): number => (from[region] ?? 0) - 1e-4;
				expect(above(adjusted, a) * above(forecast, b)).toBeCloseTo(above(adjusted, b) * above(forecast, a), 9);
			}),
		);
	});

	it("comes to what was seen where a forecast is always as wrong", () => {
		const calibrator = new Calibrator();
		for (let window = 0; window < 2000; window += 1)
			calibrator.addOutcome(Float64Array.of(0.8, 0.1, 0.05, 0.05), Float64Array.of(60, 40, 0, 0));
		const forecast = Float64Array.of(0.8, 0.1, 0.05, 0.05);
		calibrator.adjust(forecast);
		expect(forecast[0]).toBeCloseTo(0.6, 2);
	});
});

it("what a window comes to changes no forecast that was made before its end", () => {
	fc.assert(
		fc.property(windows, fc.nat(), outcomes, (list, at, otherOutcome) => {
			const changed = list.length === 0 ? 0 : at % list.length;
			const play = (end: (index: number) => Float64Array) => {
				const calibration = new OnlineCalibration(new Calibrator());
				let hour = FIRST_HOUR;
				return list.map(({ forecast, gap }, index) => {
					hour += gap;
					calibration.advance(hour);
					const adjusted = forecast.slice();
					calibration.adjust(adjusted, end(index), hour + LEAD_HOURS + 6);
					return { hour, adjusted };
				});
			};
			const plain = play((index) => list[index]?.outcome ?? otherOutcome);
			const other = play((index) => (index === changed ? otherOutcome : (list[index]?.outcome ?? otherOutcome)));
			const knownHour = (plain[changed]?.hour ?? 0) + LEAD_HOURS + 6;
			plain.forEach(({ hour, adjusted }, index) => {
				if (hour < knownHour) expect(other[index]?.adjusted).toEqual(adjusted);
			});
		}),
	);
});

describe("probes", () => {
	const PARTITION = partitionId("acme");
	/** Hours after another with a forecast made in some of them, and accesses. */
	const hours = fc.array(fc.record({ forecast: fc.option(forecasts), region: fc.nat({ max: 3 }), count: fc.nat({ max: 9 }) }), {
		minLength: 1,
		maxLength: 60,
	});
	const vectorOf = (forecast: Float64Array, hour: number): PredictionVector => ({
		partition: PARTITION,
		madeAtMs: hour * HOUR_MS + 120_000,
		windowHours: 6,
		regions: REGIONS,
		probabilities: [...forecast],
		confidence: Math.max(...forecast),
		expectedAccesses: 1,
		effectiveCount: 1,
	});

	it("stored with a partition, see what those in replay's columns see", () => {
		fc.assert(
			fc.property(hours, (list) => {
				const calibrator = new Calibrator();
				const columns = new ProbeColumns(1, 6, calibrator);
				let stored: readonly Probe[] = [];
				let calibration: Calibration | undefined;
				list.forEach(({ forecast, region, count }, index) => {
					const hour = FIRST_HOUR + index;
					const fresh: HourCount[] =
						count === 0 ? [] : [{ partition: PARTITION, region: REGIONS[region] ?? "", segment: "", hour, reportHour: hour, count }];
					if (count > 0) columns.watch(0, region, count, hour);
					const { open, closed } = watchProbes(stored, fresh, REGIONS, hour);
					if (closed.length > 0) calibration = takeSeen(calibration, [seenOf(closed)], hour);
					stored = open;
					if (forecast === null) return;
					columns.adjust(0, hour + 1 + LEAD_HOURS, forecast.slice());
					stored = openProbes(open, [vectorOf(forecast, hour + 1)]);
				});
				columns.adjust(0, FIRST_HOUR + 1000, Float64Array.from(floored([1, 0, 0, 0])));
				const last = watchProbes(stored, [], REGIONS, FIRST_HOUR + 999).closed;
				if (last.length > 0) calibration = takeSeen(calibration, [seenOf(last)], FIRST_HOUR + 999);
				const sums = calibration?.windows["6"]?.sums ?? new Calibrator().sums();
				expect(sums).toEqual(calibrator.sums().map((sum) => expect.closeTo(sum, 9)));
			}),
		);
	});

	it("are not opened on forecasts that were tilted by events or are an endpoint's, and one a window length at a time", () => {
		const vector = vectorOf(Float64Array.of(0.7, 0.1, 0.1, 0.1), FIRST_HOUR);
		const { confidence: _, ...foreign } = vector;
		expect(openProbes([], [{ ...vector, tilts: ["launch"] }, foreign])).toEqual([]);
		expect(openProbes([], [{ ...vector, tilts: ["public holidays"] }])).toHaveLength(1);
		const [probe] = openProbes([], [vector]);
		expect(probe).toMatchObject({ region: REGIONS[0], fromHour: FIRST_HOUR + LEAD_HOURS, confidence: 0.7 });
		expect(openProbes(probe === undefined ? [] : [probe], [vectorOf(Float64Array.of(0.1, 0.7, 0.1, 0.1), FIRST_HOUR + 2)])).toEqual([
			probe,
		]);
	});

	it("that a run repeats add nothing", () => {
		const seen = seenOf([{ windowHours: 6, fromHour: 1, region: "us-east-1", confidence: 0.5, accesses: 10, hits: 4 }]);
		const once = takeSeen(undefined, [seen, seen], 7);
		expect(takeSeen(once, [seen], 7)).toBe(once);
		expect(once.windows["6"]?.sums.reduce((sum, value) => sum + value, 0)).toBeCloseTo(2 * (10 + 5 + 4), 2);
		expect(takeSeen(once, [seen], 8)).not.toBe(once);
	});
});

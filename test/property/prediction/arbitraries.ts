import { regionId } from "#domain/geography/region-id.ts";
import type { HourCount } from "#domain/prediction/feature-state.ts";
import { FLOOR } from "#predictor/models/distribution.ts";
import fc from "#test/__helpers__/fast-check.ts";

export const REGIONS = ["us-east-1", "eu-west-1", "ap-northeast-1", "sa-east-1"].map(regionId);

/** 2024-03-04T00:00Z in hours: some days later clocks change in one of the regions. */
export const FIRST_HOUR = 474_864;

/** A history of accesses of one partition: sorted by report hour, some of them late. */
export const history: fc.Arbitrary<readonly HourCount[]> = fc
	.array(
		fc.record({
			partition: fc.constant("tenants:acme"),
			region: fc.constantFrom(...REGIONS),
			segment: fc.constantFrom("", "office", "travel"),
			hour: fc.integer({ min: FIRST_HOUR, max: FIRST_HOUR + 400 }),
			lateHours: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 5 })),
			count: fc.integer({ min: 1, max: 20 }),
		}),
		{ minLength: 1, maxLength: 40 },
	)
	.map((rows) => {
		const distinct = new Map(rows.map((row) => [`${row.region}/${row.segment}/${row.hour}/${row.lateHours}`, row]));
		return [...distinct.values()]
			.map(({ lateHours, ...row }) => ({ ...row, reportHour: row.hour + lateHours }))
			.sort((a, b) => a.reportHour - b.reportHour);
	});

/** Weights as a forecast: sum 1, at least 1e-4 each; all zeros are uniform. */
export function floored(weights: readonly number[]): number[] {
	const total = weights.reduce((sum, weight) => sum + weight, 0);
	return weights.map((weight) => FLOOR + (1 - weights.length * FLOOR) * (total > 0 ? weight / total : 1 / weights.length));
}

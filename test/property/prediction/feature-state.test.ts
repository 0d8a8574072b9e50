import { describe, expect, it } from "vitest";
import type { HourCount } from "#domain/prediction/feature-state.ts";
import {
	GLOBAL_HALF_LIVES_HOURS,
	PARENT_HALF_LIVES_HOURS,
	PARTITION_HALF_LIVES_HOURS,
	SEGMENT_HALF_LIFE_HOURS,
	WEEK_PROFILE_HALF_LIFE_HOURS,
} from "#domain/prediction/settings.ts";
import { applyToPartition } from "#predictor/features/partition-state.ts";
import { applyToGlobal, applyToParent } from "#predictor/features/shared-state.ts";
import fc from "#test/__helpers__/fast-check.ts";
import { FIRST_HOUR, history, REGIONS } from "#test/property/prediction/arbitraries.ts";

const LAST_HOUR = FIRST_HOUR + 410;
/** Hours of the runs that take the counts in, the last one after everything. */
const runs = fc
	.uniqueArray(fc.integer({ min: FIRST_HOUR, max: LAST_HOUR }), { maxLength: 8 })
	.map((hours) => [...hours.sort((a, b) => a - b), LAST_HOUR]);

const fold = <S>(
	apply: (state: S | undefined, counts: readonly HourCount[], through: number) => S | undefined,
	counts: readonly HourCount[],
	hours: readonly number[],
) => hours.reduce<S | undefined>((state, through) => apply(state, counts, through), undefined);

/** The definition: every access weighs 2^(-age / half-life). */
const recomputed = (counts: readonly HourCount[], asOfHour: number, halfLife: number): number =>
	counts.reduce((sum, { hour, count }) => sum + count * 2 ** (-(asOfHour - hour) / halfLife), 0);

function expectCounts(
	counts: Readonly<Record<string, readonly number[]>>,
	all: readonly HourCount[],
	asOfHour: number,
	halfLives: readonly number[],
) {
	for (const region of REGIONS) {
		const own = all.filter((count) => count.region === region);
		halfLives.forEach((halfLife, index) => {
			expect(counts[region]?.[index] ?? 0).toBeCloseTo(recomputed(own, asOfHour, halfLife), 6);
		});
	}
}

describe("states updated hour by hour equal states recomputed from scratch", () => {
	it("for a partition, however its history is cut into runs and however often a run is repeated", () => {
		fc.assert(
			fc.property(history, runs, (counts, hours) => {
				const repeated = hours.flatMap((hour) => [hour, hour]);
				const state = fold(applyToPartition, counts, repeated);
				expect(state).toBeDefined();
				if (state === undefined) return;
				expectCounts(state.counts, counts, state.asOfHour, PARTITION_HALF_LIVES_HOURS);
				expect(state.firstHour).toBe(Math.min(...counts.map(({ hour }) => hour)));
				expect(state.lastHour).toBe(Math.max(...counts.map(({ hour }) => hour)));
				for (const segment of ["office", "travel"]) {
					for (const region of REGIONS) {
						const own = counts.filter((count) => count.segment === segment && count.region === region);
						expect(state.segments?.[segment]?.[region] ?? 0).toBeCloseTo(recomputed(own, state.asOfHour, SEGMENT_HALF_LIFE_HOURS), 6);
					}
				}
			}),
			{ verbose: true },
		);
	});

	it("for the counts that halve with accesses: runs do not change them", () => {
		fc.assert(
			fc.property(history, runs, (counts, hours) => {
				const cut = fold(applyToPartition, counts, hours)?.recent ?? {};
				const whole = applyToPartition(undefined, counts, LAST_HOUR)?.recent ?? {};
				for (const region of REGIONS) expect(cut[region] ?? 0).toBeCloseTo(whole[region] ?? 0, 6);
				const total = Object.values(whole).reduce((sum, value) => sum + value, 0);
				expect(total).toBeLessThanOrEqual(1 / (1 - 2 ** (-1 / 5)) + 1e-6);
			}),
			{ verbose: true },
		);
	});

	it("for a parent and for everybody, with the hour-of-week profile", () => {
		fc.assert(
			fc.property(history, runs, (counts, hours) => {
				const parent = fold(applyToParent, counts, hours);
				const everybody = fold(applyToGlobal, counts, hours);
				if (parent === undefined || everybody === undefined) throw new Error("no state");
				expectCounts(parent.counts, counts, parent.asOfHour, PARENT_HALF_LIVES_HOURS);
				expectCounts(everybody.counts, counts, everybody.asOfHour, GLOBAL_HALF_LIVES_HOURS);
				for (const { region, hour } of counts) {
					const own = counts.filter((count) => count.region === region && count.hour % 168 === hour % 168);
					const expected = recomputed(own, everybody.asOfHour, WEEK_PROFILE_HALF_LIFE_HOURS);
					expect(everybody.hourOfWeek[region]?.[hour % 168]).toBeCloseTo(expected, 6);
				}
			}),
			{ verbose: true },
		);
	});
});

import { describe, expect, it } from "vitest";
import { RegionClocks } from "#domain/geography/region-clocks.ts";
import {
	type GlobalState,
	globalStateSchema,
	type HourCount,
	type ParentState,
	type PartitionState,
	parentStateSchema,
	partitionStateSchema,
} from "#domain/prediction/feature-state.ts";
import { pack, unpack64 } from "#domain/prediction/packed-numbers.ts";
import {
	GLOBAL_HALF_LIVES_HOURS,
	PARENT_HALF_LIVES_HOURS,
	PARENT_HOURS_HALF_LIFE_HOURS,
	PARTITION_HALF_LIVES_HOURS,
	PARTITION_HOURS_HALF_LIFE_HOURS,
	SEGMENT_HALF_LIFE_HOURS,
	WEEK_PROFILE_HALF_LIFE_HOURS,
} from "#domain/prediction/settings.ts";
import { OLD_STATES } from "#domain/prediction/upgrade-state.ts";
import { applyToGlobal, applyToParent, applyToPartition } from "#predictor/features/apply-counts.ts";
import type { CountColumns } from "#predictor/features/count-columns.ts";
import { PartitionColumns } from "#predictor/features/partition-columns.ts";
import { GlobalColumns, ParentColumns } from "#predictor/features/shared-columns.ts";
import { loadGlobal, loadParent, loadPartition } from "#predictor/features/states.ts";
import fc from "#test/__helpers__/fast-check.ts";
import { FIRST_HOUR, history, REGIONS } from "#test/property/prediction/arbitraries.ts";

const LAST_HOUR = FIRST_HOUR + 410;
const INDEX = new Map(REGIONS.map((region, number) => [region as string, number]));
const CLOCKS = new RegionClocks(REGIONS);
/** An hour as the clocks of its region show it but for their standard offset. */
const localHour = ({ region, hour }: HourCount): number => hour + (CLOCKS.aheadAt(hour)[INDEX.get(region) ?? 0] ?? 0);
/** Hours of the runs that take the counts in, the last one after everything. */
const runs = fc
	.uniqueArray(fc.integer({ min: FIRST_HOUR, max: LAST_HOUR }), { maxLength: 8 })
	.map((hours) => [...hours.sort((a, b) => a - b), LAST_HOUR]);

const fold = <S>(
	apply: (state: S | undefined, counts: readonly HourCount[], through: number) => S | undefined,
	counts: readonly HourCount[],
	hours: readonly number[],
): S => {
	const state = hours.reduce<S | undefined>((before, through) => apply(before, counts, through), undefined);
	if (state === undefined) throw new Error("no state");
	return state;
};

const partitionOf = (state: PartitionState): PartitionColumns => {
	const columns = new PartitionColumns(1, REGIONS, [""]);
	loadPartition(columns, 0, partitionStateSchema.parse(JSON.parse(JSON.stringify(state))), INDEX);
	return columns;
};
const parentOf = (state: ParentState): ParentColumns => {
	const columns = new ParentColumns(1, REGIONS);
	loadParent(columns, 0, parentStateSchema.parse(JSON.parse(JSON.stringify(state))), INDEX);
	return columns;
};
const globalOf = (state: GlobalState): GlobalColumns => {
	const columns = new GlobalColumns(REGIONS);
	loadGlobal(columns, globalStateSchema.parse(JSON.parse(JSON.stringify(state))), INDEX);
	return columns;
};

/** The definition: every access weighs 2^(-age / half-life). */
const recomputed = (counts: readonly HourCount[], asOfHour: number, halfLife: number): number =>
	counts.reduce((sum, { hour, count }) => sum + count * 2 ** (-(asOfHour - hour) / halfLife), 0);

function expectCounts(columns: CountColumns, all: readonly HourCount[], halfLives: readonly number[]) {
	const read = new Float64Array(columns.bins);
	halfLives.forEach((halfLife, index) => {
		columns.read(0, index, LAST_HOUR + 1, read);
		REGIONS.forEach((region, number) => {
			const own = all.filter((count) => count.region === region);
			expect(read[number]).toBeCloseTo(recomputed(own, LAST_HOUR + 1, halfLife), 9);
		});
	});
}

function expectHours(columns: CountColumns, all: readonly HourCount[], halfLife: number) {
	const read = new Float64Array(columns.bins);
	columns.read(0, 0, LAST_HOUR + 1, read);
	for (const one of all) {
		const own = all.filter((count) => count.region === one.region && localHour(count) % 24 === localHour(one) % 24);
		// kept in 32 bits
		expect(read[(INDEX.get(one.region) ?? 0) * 24 + (localHour(one) % 24)]).toBeCloseTo(recomputed(own, LAST_HOUR + 1, halfLife), 4);
	}
}

describe("states updated run by run, stored and read, equal counts recomputed from scratch", () => {
	it("for a partition, however its history is cut into runs and however often a run is repeated", () => {
		fc.assert(
			fc.property(history, runs, (counts, hours) => {
				const state = fold(
					applyToPartition,
					counts,
					hours.flatMap((hour) => [hour, hour]),
				);
				const columns = partitionOf(state);
				expectCounts(columns.counts, counts, PARTITION_HALF_LIVES_HOURS);
				expectHours(columns.hours, counts, PARTITION_HOURS_HALF_LIFE_HOURS);
				expect(columns.lastHour[0]).toBe(Math.max(...counts.map(({ hour }) => hour)));
				for (const segment of ["office", "travel"]) {
					REGIONS.forEach((region, number) => {
						const own = counts.filter((count) => count.segment === segment && count.region === region);
						const expected = recomputed(own, state.lastHour, SEGMENT_HALF_LIFE_HOURS);
						expect(columns.segments.of(0)?.get(segment)?.byRegion[number] ?? 0).toBeCloseTo(expected, 9);
					});
					for (let hour = 0; hour < 24; hour += 1) {
						const own = counts.filter((count) => count.segment === segment && count.hour % 24 === hour);
						const expected = recomputed(own, state.lastHour, SEGMENT_HALF_LIFE_HOURS);
						expect(columns.segments.of(0)?.get(segment)?.byHour[hour] ?? 0).toBeCloseTo(expected, 9);
					}
				}
			}),
		);
	});

	it("for the counts that halve with accesses: runs do not change them", () => {
		fc.assert(
			fc.property(history, runs, (counts, hours) => {
				const cut = partitionOf(fold(applyToPartition, counts, hours)).recent;
				const whole = partitionOf(fold(applyToPartition, counts, [LAST_HOUR])).recent;
				expect([...cut]).toEqual([...whole].map((value) => expect.closeTo(value, 9)));
				expect(whole.reduce((sum, value) => sum + value, 0)).toBeLessThanOrEqual(1 / (1 - 2 ** (-1 / 5)) + 1e-6);
			}),
		);
	});

	it("for a parent and for everybody, with the hour-of-week profile", () => {
		fc.assert(
			fc.property(history, runs, (counts, hours) => {
				const parent = parentOf(fold(applyToParent, counts, hours));
				expectCounts(parent.counts, counts, PARENT_HALF_LIVES_HOURS);
				expectHours(parent.hours, counts, PARENT_HOURS_HALF_LIFE_HOURS);
				const everybody = globalOf(fold(applyToGlobal, counts, hours));
				expectCounts(everybody.counts, counts, GLOBAL_HALF_LIVES_HOURS);
				const { week } = everybody;
				const midnight = LAST_HOUR + 24 - (LAST_HOUR % 24);
				week.refresh(midnight);
				for (const one of counts) {
					const own = counts.filter((count) => count.region === one.region && localHour(count) % 24 === localHour(one) % 24);
					const expected = recomputed(own, midnight, WEEK_PROFILE_HALF_LIFE_HOURS);
					expect(week.ofHour(INDEX.get(one.region) ?? 0, localHour(one) % 24)).toBeCloseTo(expected, 9);
				}
			}),
		);
	});
});

/** What releases before stored: digits by region as of the hour of the last run. */
function oldState(counts: readonly HourCount[], halfLives: readonly number[]) {
	const regions = [...new Set(counts.map(({ region }) => region))];
	const of = (region: string) => counts.filter((count) => count.region === region);
	return {
		asOfHour: LAST_HOUR,
		appliedThroughHour: LAST_HOUR,
		counts: Object.fromEntries(regions.map((region) => [region, halfLives.map((h) => recomputed(of(region), LAST_HOUR, h))])),
	};
}

it("states of version 1 are read as what they were, never as something else", () => {
	fc.assert(
		fc.property(history, (counts) => {
			const times = { firstHour: FIRST_HOUR, lastHour: Math.max(...counts.map(({ hour }) => hour)) };
			const old = { ...oldState(counts, PARTITION_HALF_LIVES_HOURS), ...times, recent: { "us-east-1": 2 } };
			const partition = partitionOf(OLD_STATES.partition.parse(old));
			expectCounts(partition.counts, counts, PARTITION_HALF_LIVES_HOURS);
			expect([partition.recent[0], partition.lastHour[0]]).toEqual([2, times.lastHour]);
			expectCounts(parentOf(OLD_STATES.parent.parse(oldState(counts, PARENT_HALF_LIVES_HOURS))).counts, counts, PARENT_HALF_LIVES_HOURS);
			const hourOfWeek = Object.fromEntries(
				REGIONS.map((region) => [
					region,
					Array.from({ length: 168 }, (_, bin) =>
						recomputed(
							counts.filter((count) => count.region === region && count.hour % 168 === bin),
							LAST_HOUR,
							WEEK_PROFILE_HALF_LIFE_HOURS,
						),
					),
				]),
			);
			const everybody = globalOf(OLD_STATES.global.parse({ ...oldState(counts, GLOBAL_HALF_LIVES_HOURS), hourOfWeek }));
			expectCounts(everybody.counts, counts, GLOBAL_HALF_LIVES_HOURS);
			const midnight = LAST_HOUR + 24 - (LAST_HOUR % 24);
			everybody.week.refresh(midnight);
			const first = counts[0];
			if (first === undefined) return;
			const same = counts.filter(({ region, hour }) => region === first.region && hour % 24 === first.hour % 24);
			const expected = recomputed(same, midnight, WEEK_PROFILE_HALF_LIFE_HOURS);
			const ahead = CLOCKS.aheadAt(LAST_HOUR)[INDEX.get(first.region) ?? 0] ?? 0;
			expect(everybody.week.ofHour(INDEX.get(first.region) ?? 0, (first.hour + ahead) % 24)).toBeCloseTo(expected, 9);
			for (const schema of [partitionStateSchema, parentStateSchema, globalStateSchema]) expect(schema.safeParse(old).success).toBe(false);
		}),
	);
});

/** A state as version 2 kept it: by hours of UTC, as it is done for a region without summer time. */
function stateV2<S extends PartitionState | ParentState | GlobalState>(
	apply: (state: S | undefined, counts: readonly HourCount[], through: number) => S | undefined,
	counts: readonly HourCount[],
) {
	const elsewhere = counts.map((count) => ({ ...count, region: `xx-${count.region}` }));
	const state = fold(apply, elsewhere, [LAST_HOUR]);
	const regions = state.regions.map((region) => region.slice("xx-".length));
	const segments = "segments" in state ? { segments: withoutHours(state.segments ?? {}, regions.length) } : {};
	return { ...state, ...segments, version: 2, regions };
}

const withoutHours = (segments: Readonly<Record<string, string>>, regions: number): Record<string, string> =>
	Object.fromEntries(Object.entries(segments).map(([name, counts]) => [name, pack(unpack64(counts, regions + 24).slice(0, regions))]));

it("states of version 2 know of every hour what they knew, by the summer time of their last access", () => {
	fc.assert(
		fc.property(history, (counts) => {
			const last = Math.max(...counts.map(({ hour }) => hour));
			const [partition, parent] = [stateV2(applyToPartition, counts), stateV2(applyToParent, counts)];
			for (const schema of [partitionStateSchema, parentStateSchema]) expect(schema.safeParse(partition).success).toBe(false);
			const columns = [partitionOf(OLD_STATES.partition.parse(partition)), parentOf(OLD_STATES.parent.parse(parent))] as const;
			for (const { region, segment } of counts) {
				if (segment === "") continue;
				const own = counts.filter((count) => count.segment === segment && count.region === region);
				const found = columns[0]?.segments.of(0)?.get(segment);
				expect(found?.byRegion[INDEX.get(region) ?? 0]).toBeCloseTo(recomputed(own, last, SEGMENT_HALF_LIFE_HOURS), 9);
				expect(found?.byHour.every((count) => count === 0)).toBe(true);
			}
			const everybody = globalOf(OLD_STATES.global.parse(stateV2(applyToGlobal, counts)));
			const midnight = LAST_HOUR + 24 - (LAST_HOUR % 24);
			everybody.week.refresh(midnight);
			for (const { region, hour } of counts) {
				const number = INDEX.get(region) ?? 0;
				const own = counts.filter((count) => count.region === region && count.hour % 24 === hour % 24);
				const bin = (hour + (CLOCKS.aheadAt(last)[number] ?? 0)) % 24;
				const [ofPartition, ofParent] = columns.map(({ hours }) => hours.kept(0, number * 24 + bin));
				expect(ofPartition).toBeCloseTo(recomputed(own, last, PARTITION_HOURS_HALF_LIFE_HOURS), 4);
				expect(ofParent).toBeCloseTo(recomputed(own, last, PARENT_HOURS_HALF_LIFE_HOURS), 4);
				const before = own.filter((count) => count.hour < last - (last % 24));
				if (before.length === own.length)
					expect(everybody.week.ofHour(number, bin)).toBeCloseTo(recomputed(own, midnight, WEEK_PROFILE_HALF_LIFE_HOURS), 9);
			}
		}),
	);
});

describe("a state that is damaged is refused", () => {
	const state = applyToPartition(undefined, [{ partition: "p", region: "us-east-1", segment: "", hour: 1, reportHour: 1, count: 1 }], 1);
	it.each([
		["numbers too few", { counts: "AAAA" }],
		["more regions than numbers", { regions: ["us-east-1", "eu-west-1"] }],
		["another version", { version: 4 }],
	])("by its shape: %s", (_, change) => {
		expect(partitionStateSchema.safeParse({ ...state, ...change }).success).toBe(false);
	});
	it.each([
		["text that is no base64", "!".repeat(12)],
		["a number that is none", Buffer.from(new Float64Array([Number.NaN]).buffer).toString("base64")],
		["a count below zero", Buffer.from(new Float64Array([-1]).buffer).toString("base64")],
	])("by its numbers: %s", (_, recent) => {
		const damaged = partitionStateSchema.parse({ ...state, recent });
		expect(() => loadPartition(new PartitionColumns(1, ["us-east-1"], [""]), 0, damaged, INDEX)).toThrow(
			expect.objectContaining({ code: "prediction.invalid-state" }),
		);
	});
});

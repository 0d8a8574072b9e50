import * as z from "zod";
import { type GlobalState, type ParentState, type PartitionState, STATE_VERSION } from "#domain/prediction/feature-state.ts";
import { HOURS_PER_DAY, HOURS_PER_WEEK } from "#domain/prediction/hours.ts";
import { pack } from "#domain/prediction/packed-numbers.ts";
import {
	GLOBAL_HALF_LIVES_HOURS,
	PARENT_HALF_LIVES_HOURS,
	PARTITION_HALF_LIVES_HOURS,
	SEGMENT_HALF_LIFE_HOURS,
	WEEK_PROFILE_HALF_LIFE_HOURS,
} from "#domain/prediction/settings.ts";

/** States of releases before 2: digits by region, nothing of the hours of the day, decayed to the run that took counts in last. */
const byRegion = z.record(z.string(), z.number().min(0));
const base = { asOfHour: z.int(), appliedThroughHour: z.int(), counts: z.record(z.string(), z.array(z.number().min(0))) };
const partitionV1 = z
	.strictObject({
		...base,
		firstHour: z.int(),
		lastHour: z.int(),
		recent: byRegion,
		segments: z.record(z.string(), byRegion).optional(),
	})
	.transform(upgradePartition);
const parentV1 = z.strictObject(base).transform(upgradeParent);
const globalV1 = z
	.strictObject({ ...base, hourOfWeek: z.record(z.string(), z.array(z.number().min(0)).length(HOURS_PER_WEEK)) })
	.transform(upgradeGlobal);

/** Reads a state of version 1 as one of this release: the same counts, and hours of the day that are still to be learnt. */
export const OLD_STATES = { partition: partitionV1, parent: parentV1, global: globalV1 } as const;

interface Base {
	readonly asOfHour: number;
	readonly appliedThroughHour: number;
	readonly counts: Readonly<Record<string, readonly number[]>>;
}

function upgradePartition(
	old: Base & {
		readonly lastHour: number;
		readonly recent: Readonly<Record<string, number>>;
		readonly segments?: Readonly<Record<string, Readonly<Record<string, number>>>> | undefined;
	},
): PartitionState {
	const { asOfHour, lastHour, recent, segments } = old;
	const regions = [...new Set([old.counts, recent, ...Object.values(segments ?? {})].flatMap((part) => Object.keys(part)))];
	const row = (counts: Readonly<Record<string, number>>, factor: number): string =>
		pack(Float64Array.from(regions, (region) => (counts[region] ?? 0) * factor));
	const grown = grownBy(asOfHour - lastHour, SEGMENT_HALF_LIFE_HOURS);
	return {
		...common(old, regions, lastHour, PARTITION_HALF_LIVES_HOURS),
		recent: row(recent, 1),
		hours: pack(new Float32Array(regions.length * HOURS_PER_DAY)),
		...(segments === undefined
			? {}
			: { segments: Object.fromEntries(Object.entries(segments).map(([name, counts]) => [name, row(counts, grown)])) }),
	};
}

function upgradeParent(old: Base): ParentState {
	const regions = Object.keys(old.counts);
	return {
		...common(old, regions, old.asOfHour, PARENT_HALF_LIVES_HOURS),
		hours: pack(new Float32Array(regions.length * HOURS_PER_DAY)),
	};
}

function upgradeGlobal(old: Base & { readonly hourOfWeek: Readonly<Record<string, readonly number[]>> }): GlobalState {
	const regions = [...new Set([...Object.keys(old.counts), ...Object.keys(old.hourOfWeek)])];
	// today's counts are among the week's, so the week is taken to be that of the day's end
	const dayHour = old.asOfHour - (old.asOfHour % HOURS_PER_DAY) + HOURS_PER_DAY;
	const left = grownBy(old.asOfHour - dayHour, WEEK_PROFILE_HALF_LIFE_HOURS);
	const week = regions.flatMap((region) =>
		Array.from({ length: HOURS_PER_WEEK }, (_, hour) => (old.hourOfWeek[region]?.[hour] ?? 0) * left),
	);
	return {
		...common(old, regions, old.asOfHour, GLOBAL_HALF_LIVES_HOURS),
		dayHour,
		week: pack(Float64Array.from(week)),
		today: pack(new Float64Array(regions.length * HOURS_PER_DAY)),
	};
}

function common(old: Base, regions: readonly string[], lastHour: number, halfLives: readonly number[]) {
	const counts = halfLives.flatMap((halfLife, index) =>
		regions.map((region) => (old.counts[region]?.[index] ?? 0) * grownBy(old.asOfHour - lastHour, halfLife)),
	);
	return {
		version: STATE_VERSION,
		appliedThroughHour: old.appliedThroughHour,
		lastHour,
		regions,
		counts: pack(Float64Array.from(counts)),
	} as const;
}

/** The other way round than decay: what a count was so many hours ago. */
const grownBy = (hours: number, halfLifeHours: number): number => 2 ** (hours / halfLifeHours);

import * as z from "zod";
import { RegionClocks } from "#domain/geography/region-clocks.ts";
import {
	COUNT_BYTES,
	type GlobalState,
	globalStateSchema,
	type ParentState,
	type PartitionState,
	parentStateSchema,
	partitionStateSchema,
	STATE_VERSION,
} from "#domain/prediction/feature-state.ts";
import { HOURS_PER_DAY, HOURS_PER_WEEK } from "#domain/prediction/hours.ts";
import { pack, unpack32, unpack64 } from "#domain/prediction/packed-numbers.ts";
import {
	GLOBAL_HALF_LIVES_HOURS,
	PARENT_HALF_LIVES_HOURS,
	PARTITION_HALF_LIVES_HOURS,
	SEGMENT_HALF_LIFE_HOURS,
	WEEK_PROFILE_HALF_LIFE_HOURS,
} from "#domain/prediction/settings.ts";

/** States of version 1: digits by region, nothing of the hours of the day, decayed to the run that took counts in last. */
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
	.transform(upgradeGlobal)
	.transform(turnWeek);

/** States of version 2 have the shape of this release's, but for the hours of segments. */
const v2 = z.looseObject({ version: z.literal(2) }).transform((old) => ({ ...old, version: STATE_VERSION }));
const partitionV2 = z
	.looseObject({ version: z.literal(2), segments: z.record(z.string(), z.string()).transform(addHours).optional() })
	.transform((old) => ({ ...old, version: STATE_VERSION }))
	.pipe(partitionStateSchema)
	.transform(turnHours);
const parentV2 = v2.pipe(parentStateSchema).transform(turnHours);
const globalV2 = v2.pipe(globalStateSchema).transform(turnWeek);

/**
 * Reads states of earlier versions as ones of this release. Version 1: the same counts, and hours of the day that are still to be learnt. Version 2,
 * and the week of version 1: hours were UTC; all are turned by the summer time of the last access. So forecasts stay what they were until clocks
 * change, and most counts, the latest, go with them then; those of the season before are an hour off, as they were, until they have decayed.
 */
export const OLD_STATES = {
	partition: z.union([partitionV1, partitionV2]),
	parent: z.union([parentV1, parentV2]),
	global: z.union([globalV1, globalV2]),
} as const;

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
	const row = (counts: Readonly<Record<string, number>>, factor: number): Float64Array =>
		Float64Array.from(regions, (region) => (counts[region] ?? 0) * factor);
	const grown = grownBy(asOfHour - lastHour, SEGMENT_HALF_LIFE_HOURS);
	return {
		...common(old, regions, lastHour, PARTITION_HALF_LIVES_HOURS),
		recent: pack(row(recent, 1)),
		hours: pack(new Float32Array(regions.length * HOURS_PER_DAY)),
		...(segments === undefined
			? {}
			: { segments: Object.fromEntries(Object.entries(segments).map(([name, counts]) => [name, withHours(row(counts, grown))])) }),
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

/** Counts of a segment by region, with hours of the day that are still to be learnt. */
const withHours = (byRegion: Float64Array): string => pack(Float64Array.of(...byRegion, ...new Float64Array(HOURS_PER_DAY)));

/** @throws InvalidStateError */
function addHours(segments: Readonly<Record<string, string>>): Record<string, string> {
	return Object.fromEntries(Object.entries(segments).map(([name, counts]) => [name, withHours(unpack64(counts, numbersIn(counts)))]));
}

/** How many 64-bit numbers a packed string holds. */
const numbersIn = (text: string): number => Math.floor(Buffer.byteLength(text, "base64") / COUNT_BYTES);

/** The other way round than decay: what a count was so many hours ago. */
const grownBy = (hours: number, halfLifeHours: number): number => 2 ** (hours / halfLifeHours);

/** @throws InvalidStateError */
function turnHours<S extends PartitionState | ParentState>(state: S): S {
	const hours = unpack32(state.hours, state.regions.length * HOURS_PER_DAY);
	return { ...state, hours: pack(turned(hours, HOURS_PER_DAY, state)) };
}

/** @throws InvalidStateError */
function turnWeek(state: GlobalState): GlobalState {
	const week = unpack64(state.week, state.regions.length * HOURS_PER_WEEK);
	return { ...state, week: pack(turned(week, HOURS_PER_WEEK, state)) };
}

/** Numbers by region, then hour: each region's turned on by the hours that its clocks were ahead at the state's last access. */
function turned(
	values: Float64Array | Float32Array,
	bins: number,
	{ regions, lastHour }: { readonly regions: readonly string[]; readonly lastHour: number },
): Float64Array | Float32Array {
	const out = values.slice();
	new RegionClocks(regions).aheadAt(lastHour).forEach((ahead, region) => {
		for (let bin = 0; bin < bins; bin += 1) out[region * bins + ((bin + ahead) % bins)] = values[region * bins + bin] ?? 0;
	});
	return out;
}

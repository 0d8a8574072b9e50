import * as z from "zod";
import { HOURS_PER_DAY, HOURS_PER_WEEK } from "#domain/prediction/hours.ts";
import { GLOBAL_HALF_LIVES_HOURS, PARENT_HALF_LIVES_HOURS, PARTITION_HALF_LIVES_HOURS } from "#domain/prediction/settings.ts";

/**
 * The shape of states that this release writes. Version 1 had no hours of the day, and those of version 2 were UTC: `upgrade-state.ts` brings both
 * here.
 */
export const STATE_VERSION = 3;

/** Bytes of one number of a state: counts are 64-bit floats, counts by hour of the day 32-bit ones. */
export const COUNT_BYTES = 8;
export const HOUR_COUNT_BYTES = 4;

/** Characters of so many numbers in base64. */
const lengthOf = (numbers: number, bytes: number): number => Math.ceil((numbers * bytes) / 3) * 4;

/** Numbers, little-endian in base64: half the size of digits, nothing lost, and nothing to read but where it is used. */
const packed = z.string();

const stateBase = {
	version: z.literal(STATE_VERSION),
	/** Counts reported up to this hour are in; they are never applied again. */
	appliedThroughHour: z.int(),
	/** The hour (since the Unix epoch) of the latest access, to which the counts are decayed. */
	lastHour: z.int().min(0),
	/** Regions that have counts, in the order of every array. */
	regions: z.array(z.string()).max(64).readonly(),
	/** Decayed counts: a half-life of the settings after another, in a half-life a number a region. */
	counts: packed,
};

/** What forecasting remembers of one partition. */
export const partitionStateSchema = z
	.strictObject({
		...stateBase,
		/** Counts that halve with every few accesses, not with time, by region. */
		recent: packed,
		/** Decayed counts by region, then hour of the day: UTC, and an hour more while the region has summer time; 32-bit. */
		hours: packed,
		/** Segment -> decayed counts by region, then by hour of the day (UTC). */
		segments: z.record(z.string(), packed).optional(),
	})
	.refine(
		({ regions: { length }, counts, recent, hours, segments = {} }) =>
			counts.length === lengthOf(length * PARTITION_HALF_LIVES_HOURS.length, COUNT_BYTES) &&
			hours.length === lengthOf(length * HOURS_PER_DAY, HOUR_COUNT_BYTES) &&
			recent.length === lengthOf(length, COUNT_BYTES) &&
			Object.values(segments).every((values) => values.length === lengthOf(length + HOURS_PER_DAY, COUNT_BYTES)),
		"as many numbers as regions ask for",
	);
export type PartitionState = z.infer<typeof partitionStateSchema>;

/** What forecasting remembers of a parent: a path prefix or a segment. */
export const parentStateSchema = z
	.strictObject({
		...stateBase,
		/** As a partition's. */
		hours: packed,
	})
	.refine(
		({ regions: { length }, counts, hours }) =>
			counts.length === lengthOf(length * PARENT_HALF_LIVES_HOURS.length, COUNT_BYTES) &&
			hours.length === lengthOf(length * HOURS_PER_DAY, HOUR_COUNT_BYTES),
		"as many numbers as regions ask for",
	);
export type ParentState = z.infer<typeof parentStateSchema>;

/** What forecasting remembers of everybody. */
export const globalStateSchema = z
	.strictObject({
		...stateBase,
		/** The first hour of the day (UTC) of the latest access: the week is what came before. */
		dayHour: z.int().min(0),
		/** Decayed counts by region, then hour of the week (since the Unix epoch modulo 168, and an hour more in summer time), of all days before. */
		week: packed,
		/** Counts of the day itself by region, then hour of the day (UTC). */
		today: packed,
	})
	.refine(
		({ regions: { length }, counts, week, today }) =>
			counts.length === lengthOf(length * GLOBAL_HALF_LIVES_HOURS.length, COUNT_BYTES) &&
			week.length === lengthOf(length * HOURS_PER_WEEK, COUNT_BYTES) &&
			today.length === lengthOf(length * HOURS_PER_DAY, COUNT_BYTES),
		"as many numbers as regions ask for",
	);
export type GlobalState = z.infer<typeof globalStateSchema>;

/** Accesses of one partition from one region and segment in one hour. */
export interface HourCount {
	readonly partition: string;
	/** An AWS region code. */
	readonly region: string;
	/** Empty where the viewer has none. */
	readonly segment: string;
	/** When the accesses happened, in hours since the Unix epoch. */
	readonly hour: number;
	/** With which hour they were reported; later than `hour` for stragglers. */
	readonly reportHour: number;
	readonly count: number;
}

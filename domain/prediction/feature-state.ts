import { z } from "zod";

/** Region -> decayed counts, one a half-life in the order of the settings, as of the state's `asOfHour`. */
const decayedCounts = z.record(z.string(), z.array(z.number().min(0)));
export type DecayedCounts = Readonly<Record<string, readonly number[]>>;

const stateBase = {
	/** The hour (since the Unix epoch) to which the counts are decayed. */
	asOfHour: z.int(),
	/** Counts reported up to this hour are in; they are never applied again. */
	appliedThroughHour: z.int(),
	counts: decayedCounts,
};

/** What forecasting remembers of one partition. */
export const partitionStateSchema = z.strictObject({
	...stateBase,
	/** Hours of the first and the latest access. */
	firstHour: z.int(),
	lastHour: z.int(),
	/** Region -> count that halves with every few accesses, not with time. */
	recent: z.record(z.string(), z.number().min(0)),
	/** Segment -> region -> decayed count. */
	segments: z.record(z.string(), z.record(z.string(), z.number().min(0))).optional(),
});
export type PartitionState = z.infer<typeof partitionStateSchema>;

/** What forecasting remembers of a parent: a path prefix or a segment. */
export const parentStateSchema = z.strictObject(stateBase);
export type ParentState = z.infer<typeof parentStateSchema>;

/** What forecasting remembers of everybody. */
export const globalStateSchema = z.strictObject({
	...stateBase,
	/** Region -> 168 decayed counts, one an hour of the week; index = hour since the Unix epoch modulo 168. */
	hourOfWeek: z.record(z.string(), z.array(z.number().min(0)).length(168)),
});
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

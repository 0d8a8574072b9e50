import * as z from "zod";
import { regionSchema } from "#domain/geography/region-schema.ts";
import { FenceRole } from "#domain/partition/fence.ts";
import { partitionSchema } from "#domain/partition/partition-schema.ts";

/** Why nothing explains a copy. */
export const OrphanKind = {
	/** No record of the partition exists. */
	NoRecord: "no-record",
	/** The partition is settled and its record does not list the region, whose fence says it holds a copy. */
	NotInRecord: "not-in-record",
	/** Items or journal entries without a fence, or behind one that says there are none. */
	Leftover: "leftover",
} as const;
export type OrphanKind = (typeof OrphanKind)[keyof typeof OrphanKind];

/** A copy that no record explains. */
export const orphanSchema = z.strictObject({
	region: regionSchema,
	partition: partitionSchema,
	kind: z.enum(OrphanKind),
	/** Of its fence; absent where there is none. */
	role: z.enum(FenceRole).optional(),
	epoch: z.int().optional(),
	firstSeenAtMs: z.number(),
	lastSeenAtMs: z.number(),
	/** Set once it has been removed after proof. */
	removedAtMs: z.number().optional(),
});
export type Orphan = z.infer<typeof orphanSchema>;

/** A walk over the data tables of all regions, one after another. */
export const walkSchema = z.strictObject({
	startedAtMs: z.number(),
	/** Where it is: a region, and the place in its table; `after` is absent at the beginning. */
	region: regionSchema,
	after: z.string().optional(),
	/** Buckets looked at. */
	buckets: z.int(),
	/** Regions that did not answer; what was known of them stays. */
	skipped: z.array(regionSchema).readonly(),
});
export type Walk = z.infer<typeof walkSchema>;

/** The walk that goes on, and the last one that has come to its end. */
export const walksSchema = z.strictObject({
	current: walkSchema.optional(),
	last: walkSchema.extend({ finishedAtMs: z.number() }).optional(),
});
export type Walks = z.infer<typeof walksSchema>;

/** Whether a report is still true as far as is known: seen by the last whole walk or since, in a region that it reached. */
export function isPresent({ region, lastSeenAtMs, removedAtMs }: Orphan, { last }: Walks): boolean {
	if (removedAtMs !== undefined) return false;
	return last === undefined || lastSeenAtMs >= last.startedAtMs || last.skipped.includes(region);
}

import * as z from "zod";
import { isRegionId, type RegionId } from "#domain/geography/region-id.ts";
import { isPartitionId } from "#domain/partition/partition-id.ts";

/** Where a partition stands between two settled states. Only `active` may be claimed by a new migration. */
export const Phase = {
	Active: "active",
	/** Claimed: any stage from Plan to Cutover. */
	Migrating: "migrating",
	/** The target leads, guarded; the old leader is still a complete follower. */
	Soaking: "soaking",
	/** Past the point of rolling back. */
	Settling: "settling",
	/** Going back by the same cutover in reverse. */
	RollingBack: "rollingBack",
	/** Cancelled before the decision; cleaning up. */
	Cancelling: "cancelling",
	/** Its leader's region is lost; an operator has chosen who leads next. */
	Promoting: "promoting",
} as const;
export type Phase = (typeof Phase)[keyof typeof Phase];

const region = z.custom<RegionId>((value) => typeof value === "string" && isRegionId(value), "an AWS region code");

/** A promotion under way: everything its next executor has to know. */
const promotionSchema = z.strictObject({
	/** What the fences bear meanwhile. */
	promotionId: z.string(),
	target: region,
	/** At which the target leads. */
	epoch: z.int().min(1),
	/** Copies that go on as followers, and regions whose copies count no more. */
	keep: z.array(region).readonly(),
	lost: z.array(region).readonly(),
	mayLoseWrites: z.boolean(),
	/** The migration that held the partition; its decision is taken first. */
	migrationId: z.string().optional(),
	/** That migration was known to have moved leadership: this promotion follows on it. */
	committed: z.boolean(),
	/** When the target's and the kept copies' fences had left the old epoch. */
	seizedAtMs: z.number().optional(),
	/** Comparison of copies by `<pass>#<region>#<bucket>`: the last key compared, or true at the end. */
	merged: z.record(z.string(), z.union([z.literal(true), z.string()])),
});
export type Promotion = z.infer<typeof promotionSchema>;

/** A region whose copy a promotion left behind. No plan uses it until it has been demoted, its losses listed and its copy discarded. */
const lostCopySchema = z.strictObject({
	region,
	/** Of the promotion: whatever the region wrote at a lower one may be lost. */
	epoch: z.int().min(1),
	sinceMs: z.number(),
	/** When its fences were known to refuse every write. */
	demotedAtMs: z.number().optional(),
	/** Losses that the last whole listing has shown. */
	losses: z.int().min(0).optional(),
	/** An operator has seen them, or they have been set aside: the copy is being deleted. */
	discarding: z.boolean().optional(),
	/** It belonged to the replica set: it is to follow again once it has been discarded. */
	member: z.boolean().optional(),
	/** The migration that was making it, or about to: what the audit says of that copy ends under the same name. */
	migrationId: z.string().optional(),
	/** How far recovery has set its losses aside: bucket, last key of it, losses so far. */
	setAside: z.strictObject({ bucket: z.int().min(0), after: z.string().optional(), count: z.int().min(0) }).optional(),
});
export type LostCopy = z.infer<typeof lostCopySchema>;

/** One row of the metadata table: partition -> leader, followers, epoch, canary, policy. A hint for routing; fences are the truth. */
export const partitionRecordSchema = z.strictObject({
	partition: z.custom<import("#domain/partition/partition-id.ts").PartitionId>((v) => typeof v === "string" && isPartitionId(v)),
	leader: region,
	followers: z.array(region).readonly(),
	epoch: z.int().min(1),
	phase: z.enum(Phase),
	/** Bucket count of the current copy generation, 1..64. */
	buckets: z.int().min(1).max(64),
	/** The share of clients (0..1, sticky hash) sent to `target` while traffic shifts. */
	canary: z.strictObject({ target: region, weight: z.number().min(0).max(1) }).optional(),
	/** The regions that may hold a copy, temporary copies included; absent means any. */
	residency: z.array(region).min(1).readonly().optional(),
	/** Placement keeps the leader here. */
	pin: region.optional(),
	/** No new moves; moves under way go to their nearest safe state. */
	frozen: z.boolean().optional(),
	segment: z.string().optional(),
	/** The migration that holds the claim; present unless phase is active. */
	migrationId: z.string().optional(),
	/** Present while phase is promoting. */
	promotion: promotionSchema.optional(),
	/** Copies left behind by promotions. */
	lost: z.array(lostCopySchema).readonly().optional(),
	/** Grows with every write of the record. */
	version: z.int().min(1),
	createdAtMs: z.number(),
	updatedAtMs: z.number(),
	/** When leadership last changed: the cool-down counts from here. */
	leaderSinceMs: z.number(),
	/** When a migration last changed which regions hold copies: they rest from here. Absent: never. */
	copiesSinceMs: z.number().optional(),
});
export type PartitionRecord = z.infer<typeof partitionRecordSchema>;

/** Whether a copy of the partition may exist in `candidate` (invariant 5). */
export const allowsCopyIn = (record: Pick<PartitionRecord, "residency">, candidate: RegionId): boolean =>
	record.residency === undefined || record.residency.includes(candidate);

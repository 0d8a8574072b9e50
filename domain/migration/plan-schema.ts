import { z } from "zod";
import { partitionRecordSchema } from "#domain/partition/record.ts";

const region = partitionRecordSchema.shape.leader;
const regions = z.array(region).readonly();

export const planActionSchema = z.union([
	z.strictObject({ addFollower: region }),
	z.strictObject({ transferLeadership: region }),
	z.strictObject({ removeFollower: region }),
]);

/** Shares of clients, ascending, each held for its time before it is judged. */
export const canaryStepsSchema = z
	.array(z.strictObject({ weight: z.number().gt(0).max(1), holdSeconds: z.number().min(0).max(86_400) }))
	.max(20)
	.readonly();

/** How a copy is brought up to date: `full` copies everything, `incremental` what its versions lack, `none` where no copy is needed. */
export const SyncStrategy = { Full: "full", Incremental: "incremental", None: "none" } as const;
export type SyncStrategy = (typeof SyncStrategy)[keyof typeof SyncStrategy];

export const abortThresholdsSchema = z.strictObject({
	/** Share of failed requests at the target, 0..1. */
	maxErrorShare: z.number().min(0).max(1),
	/** Answers of the target that differ from the leader's. */
	maxDivergences: z.int().min(0),
	/** Target p99 over leader p99. */
	maxLatencyRatio: z.number().min(1),
	maxStalenessMs: z.number().min(0),
});
export type AbortThresholds = z.infer<typeof abortThresholdsSchema>;

/** A MigrationPlan: replica configuration, sync strategy, traffic-shifting configuration, the ordered actions in the form the stages use. */
export const migrationPlanSchema = z.strictObject({
	replicas: z.strictObject({
		leaderBefore: region,
		followersBefore: regions,
		leaderAfter: region,
		followersAfter: regions,
		/** 1..64, fixed for the copy generation. */
		buckets: z.int().min(1).max(64),
		storageClass: z.literal("standard"),
	}),
	/** Copies this plan creates, in the order of its actions. */
	joins: regions,
	/** The new leader; absent when leadership stays. */
	transfer: region.optional(),
	/** Copies this plan removes. */
	removals: regions,
	sync: z.enum(SyncStrategy),
	traffic: z.strictObject({ steps: canaryStepsSchema, abort: abortThresholdsSchema }),
	quiesceSeconds: z.number().min(0),
	soakSeconds: z.number().min(0),
	soakTickSeconds: z.number().gt(0),
	/** Unexplained differences that Verify may repair before it gives up. */
	maxRepairs: z.int().min(0),
	/** In words. */
	why: z.string(),
});
export type MigrationPlan = z.infer<typeof migrationPlanSchema>;

import * as z from "zod";
import { StorageClass } from "#domain/migration/replica-advice.ts";
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
	/** What 99 % of the leader's answers keep to, times this, is still fast. */
	maxLatencyRatio: z.number().min(1),
	/** What the detour through the target costs beyond that, in ms: it asks the leader. */
	latencyAllowanceMs: z.number().min(0).optional(),
	/** The leader's p99 before the migration; absent where too little was known. */
	baselineP99Ms: z.number().min(0).optional(),
	maxStalenessMs: z.number().min(0),
});
export type AbortThresholds = z.infer<typeof abortThresholdsSchema>;

/** What a plan is expected to cost. Money in US dollars at the prices of domain/pricing/published-prices.ts. */
export const planCostSchema = z.strictObject({
	/** Whether the size behind it was known; if not, only what does not depend on it is counted. */
	basis: z.enum(["measured", "unknown-size"]),
	writeUnits: z.number().min(0),
	readUnits: z.number().min(0),
	/** Between regions, all hops together. */
	transferBytes: z.number().min(0),
	requestUsd: z.number().min(0),
	transferUsd: z.number().min(0),
	usd: z.number().min(0),
	/** During which writes wait. */
	pauseMs: z.number().min(0),
	/** From the claim to the last fence let go. */
	durationSeconds: z.number().min(0),
});
export type PlanCost = z.infer<typeof planCostSchema>;

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
		/** What would fit size and load, where both are known; said, not done. */
		advice: z
			.strictObject({ buckets: z.int().min(1).max(64), storageClass: z.enum(StorageClass), why: z.array(z.string()).readonly() })
			.optional(),
	}),
	/** Copies this plan creates, in the order of its actions. */
	joins: regions,
	/** The new leader; absent when leadership stays. */
	transfer: region.optional(),
	/** Copies this plan removes. */
	removals: regions,
	sync: z.enum(SyncStrategy),
	traffic: z.strictObject({
		steps: canaryStepsSchema,
		abort: abortThresholdsSchema,
		/** Before the migration; absent where nothing was known. */
		requestsPerSecond: z.number().min(0).optional(),
	}),
	/** Of the leader's copy when the plan was made; absent where nobody knew. */
	size: z.strictObject({ items: z.int().min(0), bytes: z.int().min(0), measuredAtMs: z.number() }).optional(),
	/** What carrying it out is expected to cost. */
	cost: planCostSchema.optional(),
	quiesceSeconds: z.number().min(0),
	soakSeconds: z.number().min(0),
	soakTickSeconds: z.number().gt(0),
	/** Unexplained differences that Verify may repair before it gives up. */
	maxRepairs: z.int().min(0),
	/** In words. */
	why: z.string(),
});
export type MigrationPlan = z.infer<typeof migrationPlanSchema>;

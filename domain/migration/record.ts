import * as z from "zod";
import { migrationPlanSchema, planActionSchema } from "#domain/migration/plan-schema.ts";
import { Stage } from "#domain/migration/stages.ts";
import { partitionRecordSchema } from "#domain/partition/record.ts";

/** How a migration stands. Everything but `running` is final. */
export const MigrationState = {
	Running: "running",
	/** The plan is carried out. */
	Completed: "completed",
	/** Taken back before the decision; the partition is as before, one epoch on. */
	Cancelled: "cancelled",
	/** Taken back after the decision; the old leader leads again, two epochs on. */
	RolledBack: "rolledBack",
	/** It never held the partition. */
	Failed: "failed",
} as const;
export type MigrationState = (typeof MigrationState)[keyof typeof MigrationState];

const region = partitionRecordSchema.shape.leader;

/** One run of a stage. `outcome` is what the state machine chose its next state by, or the code of the error. */
const stageRunSchema = z.strictObject({
	stage: z.enum(Stage),
	startedAtMs: z.number(),
	endedAtMs: z.number(),
	outcome: z.string(),
});
export type StageRun = z.infer<typeof stageRunSchema>;

/** What one canary step was let pass on. */
const judgementSchema = z.strictObject({
	step: z.int().min(0),
	verdict: z.enum(["healthy", "too-little-evidence", "no-telemetry"]),
	/** What the target answered. */
	requests: z.int().min(0),
	errors: z.int().min(0),
	p99Ms: z.number().optional(),
});
export type Judgement = z.infer<typeof judgementSchema>;

/** Everything that is known of a migration; the stages pass each other nothing but its id. */
export const migrationRecordSchema = z.strictObject({
	migrationId: z.string().min(1).max(80),
	partition: partitionRecordSchema.shape.partition,
	/** The leader when the partition was claimed. */
	source: region,
	/** The new leader, or the copy that the plan adds or removes. */
	target: region,
	/** The epoch at which the partition was claimed. It ends one higher, or two after a rollback. */
	epoch: z.int().min(1),
	actions: z.array(planActionSchema).readonly(),
	plan: migrationPlanSchema,
	state: z.enum(MigrationState),
	/** The stage that ran last. */
	stage: z.enum(Stage),
	/** Runs of stages, oldest first, at most `HISTORY_LIMIT`; the oldest go first. */
	history: z.array(stageRunSchema).readonly(),
	progress: z.strictObject({ items: z.int(), bytes: z.int(), repairs: z.int() }),
	/** Bulk copy by bucket: the last key copied, or `done`. */
	copied: z.record(z.string(), z.union([z.literal(true), z.string()])),
	/** Verification by `<region>#<bucket>`: the last key compared, or true at the end. */
	verified: z.record(z.string(), z.union([z.literal(true), z.string()])).optional(),
	/** When the leader's fences were known to be guarded; the quiesce counts from here. */
	guardedAtMs: z.number().optional(),
	quiescedAtMs: z.number().optional(),
	verifiedAtMs: z.number().optional(),
	/** The step (0-based) whose weight is in force, and since when. */
	canary: z.strictObject({ step: z.int().min(0), sinceMs: z.number() }).optional(),
	/** How each canary step was judged, in order. */
	judgements: z.array(judgementSchema).readonly().optional(),
	/** Written only after a fence has said so, and never changed. */
	decision: z.enum(["committed", "aborted"]).optional(),
	/** When the metadata and every follower knew the new epoch; the soak counts from here. */
	soakingSinceMs: z.number().optional(),
	/** Since when a freeze has kept it from ending its soak; stays when the freeze is lifted. */
	heldSinceMs: z.number().optional(),
	/** Set before the first step back after a commit. */
	rollingBack: z.boolean().optional(),
	/** What an operator asked for; stages obey it where it is still possible. */
	requested: z.enum(["cancel", "rollback"]).optional(),
	requestedBy: z.enum(["placement", "operator", "recovery"]),
	decisionId: z.string().optional(),
	/** ISO 8601. */
	startedAt: z.string(),
	endedAt: z.string().optional(),
	/** Why it ended as it did, in words. */
	reason: z.string().optional(),
	/** How the stage that ran last failed; gone once it has done its work. */
	lastError: z.strictObject({ stage: z.enum(Stage), name: z.string(), code: z.string(), message: z.string(), atMs: z.number() }).optional(),
	/** The number of the execution that recorded the plan; absent for the first. Those before it ended without a claim. */
	attempt: z.int().min(1).optional(),
	/** How often recovery has started an execution for it. */
	restarts: z.int().min(0),
	/** Present once recovery has started an execution. */
	recovery: z
		.strictObject({
			/** ISO 8601. */
			restartedAt: z.string(),
			/** Restarts after an execution that had ended by itself without finishing. */
			failures: z.int().min(0),
			/** What ended the execution before the present one: error and cause. */
			cause: z.string().optional(),
			/** ISO 8601: if the present execution ends without finishing too, the next one starts no sooner. */
			nextRestartAt: z.string(),
		})
		.optional(),
	/** Grows with every write of the record. */
	version: z.int().min(1),
});
export type MigrationRecord = z.infer<typeof migrationRecordSchema>;

/** Runs of stages that a record keeps: a soak of a day at the default tick fits. */
export const HISTORY_LIMIT = 400;

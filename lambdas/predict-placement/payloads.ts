import * as z from "zod";
import { planActionSchema } from "#domain/migration/plan-schema.ts";
import { partitionSchema } from "#domain/partition/partition-schema.ts";
import { seenSchema } from "#domain/prediction/calibration.ts";

/** Everything is relative to the scheduled time, never to the time of the call, so that a run can be repeated. */
const scheduledTime = z.iso.datetime({ offset: true });

/** The input of an execution. */
export const runInputSchema = z.object({ scheduledTime });

/** What has to be forecast of one shard: keys of counts and lists, never their content. */
const shardWorkSchema = z.object({
	shard: z.int().min(0),
	/** Hours in which something was reported for this shard. */
	countHours: z.array(z.int()),
	/** Lists of partitions that are due again. */
	dueLists: z.array(z.string()),
});
export type ShardWork = z.infer<typeof shardWorkSchema>;

/** The work of one call: a whole shard, or several where there is little to do. */
export const shardTaskSchema = z.object({
	scheduledTime,
	/** Counts reported up to this hour are to be in the forecast. */
	throughHour: z.int(),
	work: z.array(shardWorkSchema).min(1),
});
export type ShardTask = z.infer<typeof shardTaskSchema>;

/** What ListShards answers. */
export type RunPlan =
	| { readonly outcome: "due"; readonly scheduledTime: string; readonly throughHour: number; readonly shards: readonly ShardTask[] }
	| { readonly outcome: "nothing-due" | "busy"; readonly scheduledTime: string };

/** What ForecastShard answers. */
export const shardResultSchema = z.object({
	/** Partitions forecast. */
	forecast: z.int(),
	/** Of those, how many a customer's endpoint failed to forecast: the pool stood in. */
	fallbacks: z.int().optional(),
	/** What windows that have passed say of the calibration. */
	seen: seenSchema.optional(),
	/** Keys of the lists that name them. */
	lists: z.array(z.string()),
});
export type ShardResult = z.infer<typeof shardResultSchema>;

export const decideInputSchema = z.object({ scheduledTime, throughHour: z.int(), forecasts: z.array(shardResultSchema) });

export const moveSchema = z.object({
	migrationId: z.string(),
	partition: partitionSchema,
	epoch: z.int(),
	actions: z.array(planActionSchema),
	decisionId: z.string(),
});
export type Move = z.infer<typeof moveSchema>;

/** What DecidePlacement answers: moves are bounded by the budget of a run. */
export interface DecideResult {
	readonly scheduledTime: string;
	readonly considered: number;
	readonly moving: number;
	readonly moves: readonly Move[];
}

export const startInputSchema = z.object({ moves: z.array(moveSchema) });
export interface StartResult {
	readonly started: number;
	readonly alreadyStarted: number;
}

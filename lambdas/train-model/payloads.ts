import * as z from "zod";
import { evaluationSchema } from "#domain/prediction/training/evaluation.ts";

/** Everything is relative to the scheduled time, never to the time of the call, so that a run can be repeated. */
const scheduledTime = z.iso.datetime({ offset: true });

/** The input of an execution. */
export const runInputSchema = z.object({ scheduledTime });

/** What RestoreModel answers. */
export interface Restored {
	readonly scheduledTime: string;
	/** The model that is being served again. */
	readonly restored?: string;
}

/** One day of counts to be put into the training set. */
export const dayTaskSchema = z.object({
	/** Days since the Unix epoch, UTC. */
	day: z.int(),
});

/** What ExportTrainingDay answers. */
const exportedDaySchema = z.object({ day: z.int(), rows: z.int(), accesses: z.number() });
export type ExportedDay = z.infer<typeof exportedDaySchema>;

const runSchema = z.object({
	scheduledTime,
	/** Of the training job and the artefact. */
	name: z.string(),
});

/** What ListTrainingDays answers. */
export const listedSchema = runSchema.extend({
	/** Counts through this day are in the set after the export. */
	throughDay: z.int(),
	days: z.array(dayTaskSchema),
});
export type Listed = z.infer<typeof listedSchema>;
export const planInputSchema = listedSchema.extend({ exported: z.array(exportedDaySchema) });

/** What PlanTraining answers. */
export type TrainingPlan = z.infer<typeof runSchema> & { readonly outcome: "train" | "not-trained"; readonly why: string };
export const startInputSchema = runSchema;

/** What CheckTraining answers. */
export const trainedSchema = runSchema.extend({
	status: z.enum(["running", "completed", "failed"]),
	artefactUrl: z.string().optional(),
	why: z.string().optional(),
});
export type Trained = z.infer<typeof trainedSchema>;

/** What JudgeCandidate answers; `artefactUrl` and `evaluation` go with a promotion. */
export const judgedSchema = runSchema.extend({
	promote: z.boolean(),
	why: z.string(),
	artefactUrl: z.string().optional(),
	evaluation: evaluationSchema.optional(),
});
export type Judged = z.infer<typeof judgedSchema>;

/** What CheckPromotion answers. */
export const promotedSchema = judgedSchema.extend({ state: z.enum(["updating", "serving", "failed"]).optional() });
export type Promoted = z.infer<typeof promotedSchema>;

/** A run that failed: with what its last task answered, and what a Catch put beside it. */
export const failedRunSchema = z.looseObject({
	scheduledTime,
	name: z.string().optional(),
	why: z.string().optional(),
	error: z.object({ Error: z.string().optional(), Cause: z.string().optional() }).optional(),
});

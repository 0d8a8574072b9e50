import * as z from "zod";
import { evaluationSchema } from "#domain/prediction/training/evaluation.ts";
import { VerdictReason } from "#domain/prediction/training/judge-candidate.ts";

/** What one retraining came to: the record that operators read. */
export const verdictSchema = z.strictObject({
	/** The training job, and the artefact it made. */
	name: z.string().min(1),
	/** The run's scheduled time, ISO 8601. */
	decidedAt: z.iso.datetime({ offset: true }),
	/** `not-trained`: there was too little to learn from. */
	outcome: z.enum(["promoted", "kept", "not-trained", "failed"]),
	reason: z.enum(VerdictReason),
	/** One sentence with the figures. */
	why: z.string(),
	/** The model in use after it. */
	inUse: z.string(),
	evaluation: evaluationSchema.optional(),
});
export type Verdict = z.infer<typeof verdictSchema>;

/** The model that the endpoint serves. */
export const modelInUseSchema = z.strictObject({
	name: z.string().min(1),
	/** ISO 8601. */
	since: z.iso.datetime({ offset: true }),
	/** Key of the artefact in the features bucket; absent for the one that came with the release. */
	artefactKey: z.string().optional(),
});
export type ModelInUse = z.infer<typeof modelInUseSchema>;

/** How far training has come. */
export const trainingProgressSchema = z.strictObject({
	/** Days since the Unix epoch: counts of `firstDay` until `exportedThroughDay` are in the training set. */
	firstDay: z.int().optional(),
	exportedThroughDay: z.int(),
	/** Accesses in the training set. */
	accesses: z.int().min(0),
	/** Accesses that were in it when the last candidate was trained. */
	trainedAccesses: z.int().min(0),
});
export type TrainingProgress = z.infer<typeof trainingProgressSchema>;

import type { ModelInUse, TrainingProgress, Verdict } from "#domain/prediction/training/verdict.ts";

/** Which model is in use, what retrainings came to, and how far the training set goes. Every method: @throws UnavailableError; retrying is safe. */
export interface ModelRegistry {
	/** Undefined while it is the one that came with the release. */
	readInUse(): Promise<ModelInUse | undefined>;
	/** What was seen of the calibration of the one before is forgotten with it. */
	writeInUse(model: ModelInUse): Promise<void>;
	/** Replaces a record of the same job, so that a run can be repeated. */
	record(verdict: Verdict): Promise<void>;
	/** Newest first. */
	list(limit: number): Promise<readonly Verdict[]>;
	/** Undefined before the first run. */
	readProgress(): Promise<TrainingProgress | undefined>;
	writeProgress(progress: TrainingProgress): Promise<void>;
}

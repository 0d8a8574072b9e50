import type { LogOptions } from "#cli/replay/log-options.ts";
import type { OutsideSources } from "#predictor/external/outside.ts";
import type { ModelArtefact } from "#predictor/models/artefact.ts";
import type { PolicyName, ReplaySettings } from "#replay/result/replay-result.ts";

/** What the thread of a replay is asked. Plain values. */
export interface ReplayJob {
	readonly log: LogOptions;
	readonly settings: ReplaySettings;
	readonly policies: readonly PolicyName[];
	readonly outside: OutsideSources;
	/** Plays `predictive`, in place of one trained on the first part. */
	readonly model: ModelArtefact | undefined;
	readonly nowMs: number;
}

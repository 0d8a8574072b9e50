import type { EvaluateOptions, TrainOptions } from "#cli/train/train-options.ts";

/** What the thread of `train` and `evaluate` is asked. Plain values. */
export type TrainJob =
	| { readonly command: "train"; readonly options: TrainOptions; readonly nowMs: number }
	| { readonly command: "evaluate"; readonly options: EvaluateOptions; readonly nowMs: number };

/** What it found. */
export interface TrainResult {
	/** What is to be written, by absolute path. */
	readonly files: readonly (readonly [string, unknown])[];
	readonly lines: readonly string[];
}

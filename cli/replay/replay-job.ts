import type { LogOptions } from "#cli/replay/log-options.ts";
import type { PolicyName, ReplayResult, ReplaySettings } from "#replay/result/replay-result.ts";

/** What the thread of a replay is asked. Plain values. */
export interface ReplayJob {
	readonly log: LogOptions;
	readonly settings: ReplaySettings;
	readonly policies: readonly PolicyName[];
	readonly nowMs: number;
}

/** What it says while it works, and last of all what it found, or why it found nothing. */
export type ReplayMessage =
	| { readonly kind: "progress"; readonly phase: string; readonly share: number | undefined }
	| { readonly kind: "warning"; readonly text: string }
	| { readonly kind: "result"; readonly result: ReplayResult }
	/** `explained`: one line that says what is wrong with what was given. */
	| { readonly kind: "failure"; readonly explained: boolean; readonly message: string };

import { type AccessLogOptions, nameOfLog, readAccessLog } from "#replay/readers/access-log.ts";
import { assertUsable } from "#replay/readers/assert-usable.ts";
import type { SkipCounts } from "#replay/readers/skips.ts";

/** What a first pass finds in a log. */
export interface LogSurvey {
	/** Usable rows. */
	readonly rows: number;
	/** Times of the first and the last usable row, ms since the Unix epoch. */
	readonly firstMs: number;
	readonly lastMs: number;
	readonly skipped: SkipCounts;
	/** Files of a folder that are no logs, and why. */
	readonly ignored: readonly string[];
}

/**
 * Reads a log once from end to end, so that everything that is wrong with it is known before anything is started, and progress has
 * a total. @throws LogError when it cannot be used.
 */
export async function surveyLog(options: AccessLogOptions, onProgress?: (rows: number) => void): Promise<LogSurvey> {
	const { batches, skipped, ignored } = readAccessLog(options);
	let rows = 0;
	let firstMs = Number.NaN;
	let lastMs = Number.NaN;
	for await (const batch of batches) {
		if (rows === 0) firstMs = batch[0]?.tsMs ?? Number.NaN;
		rows += batch.length;
		lastMs = batch.at(-1)?.tsMs ?? lastMs;
		onProgress?.(rows);
	}
	assertUsable(nameOfLog(options.file), rows, skipped);
	return { rows, firstMs, lastMs, skipped, ignored };
}

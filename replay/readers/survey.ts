import { type AccessLogOptions, nameOfLog, readAccessLog } from "#replay/readers/access-log.ts";
import { LogError } from "#replay/readers/log-error.ts";
import { type SkipCounts, SkipReason } from "#replay/readers/skips.ts";

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

/** The share of rows too late to be put in order above which a log counts as unsorted. */
const MAX_OUT_OF_ORDER_SHARE = 0.1;

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
	if (rows === 0) throw noUsableRow(nameOfLog(options.file), skipped);
	const late = skipped.of(SkipReason.OutOfOrder);
	if (late > (rows + late) * MAX_OUT_OF_ORDER_SHARE) {
		throw new LogError(
			"log.not-sorted",
			nameOfLog(options.file),
			`is not sorted by time (${late} of ${rows + late} rows come too late); sort it by ts`,
		);
	}
	return { rows, firstMs, lastMs, skipped, ignored };
}

const noUsableRow = (file: string, skipped: SkipCounts): LogError =>
	new LogError(
		"log.no-usable-row",
		file,
		skipped.total === 0 ? "holds no row" : `has no usable row: all ${skipped.total} were skipped (${skipped.describe()})`,
	);

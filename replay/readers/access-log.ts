import type { Locator } from "#domain/geography/locate.ts";
import type { AccessRow } from "#replay/readers/access-row.ts";
import { listFiles } from "#replay/readers/list-files.ts";
import { mergeFiles } from "#replay/readers/merge-files.ts";
import { readFileRows } from "#replay/readers/read-file-rows.ts";
import { inTimeOrder } from "#replay/readers/reorder.ts";
import { DATA_API_RULE, type PartitionRule } from "#replay/readers/rows/partition-rule.ts";
import type { RowContext } from "#replay/readers/rows/row-context.ts";
import { SkipCounts } from "#replay/readers/skips.ts";

/** Which log to read, and which of its rows. */
export interface AccessLogOptions {
	/** A file, a folder of files, or several of them, which are read as one log in order of time. */
	readonly file: string | readonly string[];
	readonly locate: Locator;
	/** Milliseconds since the Unix epoch, inclusive. @default all */
	readonly fromMs?: number;
	/** Milliseconds since the Unix epoch, exclusive. @default all */
	readonly toMs?: number;
	/** Where a request's partition stands; used by CloudFront logs. @default the paths of the data API */
	readonly partitionRule?: PartitionRule;
}

/** One pass over a log. */
export interface AccessLogPass {
	/** Rows in order of time, some thousand at a time. @throws LogError when the file as a whole cannot be used. */
	readonly batches: AsyncIterable<readonly AccessRow[]>;
	/** Grows as `batches` is consumed. */
	readonly skipped: SkipCounts;
	/** Files of a folder that are no logs, and why, a line each. Grows as `batches` is consumed. */
	readonly ignored: readonly string[];
}

/**
 * Reads an access log as a stream: CSV, JSON lines, CloudFront's W3C and real-time logs, plain or gzip, and Parquet, known by their content.
 * Memory stays flat whatever the size (of Parquet, a row group is held). Rows that are late by at most the reorder window are put in order;
 * later ones are skipped.
 */
export function readAccessLog(options: AccessLogOptions): AccessLogPass {
	const skipped = new SkipCounts();
	const ignored: string[] = [];
	return { batches: inTimeOrder(allRows(options, skipped, ignored), skipped), skipped, ignored };
}

/** The log's name in messages. */
export const nameOfLog = (file: AccessLogOptions["file"]): string => {
	if (typeof file === "string") return file;
	return file.length < 2 ? (file[0] ?? "") : `${file[0]} and ${file.length - 1} more`;
};

async function* allRows(options: AccessLogOptions, skipped: SkipCounts, ignored: string[]): AsyncGenerator<readonly AccessRow[]> {
	const files = await listFiles(typeof options.file === "string" ? [options.file] : options.file);
	const context = contextOf(options);
	const [first, ...others] = files;
	if (first !== undefined && others.length === 0) yield* readFileRows(first.path, context, skipped);
	else yield* mergeFiles(files, context, skipped, ignored);
}

const contextOf = ({ locate, fromMs, toMs, partitionRule }: AccessLogOptions): RowContext => ({
	locate,
	partitionRule: partitionRule ?? DATA_API_RULE,
	fromMs: fromMs ?? Number.NEGATIVE_INFINITY,
	toMs: toMs ?? Number.POSITIVE_INFINITY,
});

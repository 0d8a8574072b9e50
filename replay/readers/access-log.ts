import type { Locator } from "#domain/geography/locate.ts";
import type { AccessRow } from "#replay/readers/access-row.ts";
import { type Columns, readHeader } from "#replay/readers/header.ts";
import { LogError } from "#replay/readers/log-error.ts";
import { looksLikeText } from "#replay/readers/looks-like-text.ts";
import { openBytes } from "#replay/readers/open-bytes.ts";
import { parseRow, type RowContext } from "#replay/readers/parse-row.ts";
import { inTimeOrder } from "#replay/readers/reorder.ts";
import { SkipCounts, SkipReason } from "#replay/readers/skips.ts";
import { type Lines, splitLines } from "#replay/readers/split-lines.ts";

/** Which log to read, and which of its rows. */
export interface AccessLogOptions {
	readonly file: string;
	readonly locate: Locator;
	/** Milliseconds since the Unix epoch, inclusive. @default all */
	readonly fromMs?: number;
	/** Milliseconds since the Unix epoch, exclusive. @default all */
	readonly toMs?: number;
}

/** One pass over a log. */
export interface AccessLogPass {
	/** Rows in order of time, some thousand at a time. @throws LogError when the file as a whole cannot be used. */
	readonly batches: AsyncIterable<readonly AccessRow[]>;
	/** Grows as `batches` is consumed. */
	readonly skipped: SkipCounts;
}

/**
 * Reads an access log as a stream: CSV with a header, plain or gzip. Memory stays flat whatever the file. Rows that are late by
 * at most the reorder window are put in order; later ones are skipped.
 */
export function readAccessLog(options: AccessLogOptions): AccessLogPass {
	const skipped = new SkipCounts();
	return { batches: inTimeOrder(usableRows(options, skipped), skipped), skipped };
}

async function* usableRows(options: AccessLogOptions, skipped: SkipCounts): AsyncGenerator<readonly AccessRow[]> {
	let context: RowContext | undefined;
	const bytes = checkText(options.file, openBytes(options.file));
	for await (const lines of splitLines(bytes, () => skipped.add(SkipReason.LineTooLong))) {
		const skipLines = context === undefined ? 1 : 0;
		context ??= contextOf(options, readHeader(options.file, lines.texts[0] ?? ""));
		yield parseLines(lines, skipLines, context, skipped);
	}
	if (context === undefined) throw headerless(options.file, skipped);
}

const contextOf = ({ locate, fromMs, toMs }: AccessLogOptions, columns: Columns): RowContext => ({
	columns,
	locate,
	fromMs: fromMs ?? Number.NEGATIVE_INFINITY,
	toMs: toMs ?? Number.POSITIVE_INFINITY,
});

function parseLines(lines: Lines, skipLines: number, context: RowContext, skipped: SkipCounts): AccessRow[] {
	const rows: AccessRow[] = [];
	for (let index = skipLines; index < lines.texts.length; index += 1) {
		const text = lines.texts[index] ?? "";
		if (text === "") continue;
		const row = parseRow(text, lines.firstLine + index, context);
		if (typeof row === "string") skipped.add(row);
		else rows.push(row);
	}
	return rows;
}

async function* checkText(file: string, chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
	let first = true;
	for await (const chunk of chunks) {
		if (first && !looksLikeText(chunk)) throw new LogError("log.not-text", file, "is not UTF-8 text; expected CSV, plain or gzip");
		first = false;
		yield chunk;
	}
}

const headerless = (file: string, skipped: SkipCounts): LogError =>
	skipped.of(SkipReason.LineTooLong) > 0
		? new LogError("log.no-usable-row", file, "holds nothing but a line longer than 1 MiB; expected a CSV header and one row a line")
		: new LogError("log.empty", file, "holds no text; expected a CSV header and rows");

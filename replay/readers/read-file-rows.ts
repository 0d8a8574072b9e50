import type { AccessRow } from "#replay/readers/access-row.ts";
import { readRecords } from "#replay/readers/formats/read-records.ts";
import type { LogRecord, RecordBatch } from "#replay/readers/formats/records.ts";
import { LogError } from "#replay/readers/log-error.ts";
import type { RowContext, RowParser } from "#replay/readers/rows/row-context.ts";
import { createRowParser } from "#replay/readers/rows/row-parser.ts";
import { type SkipCounts, SkipReason } from "#replay/readers/skips.ts";

/** The usable rows of one file in the order of its records; the others are counted. @throws LogError when the file as a whole cannot be used */
export async function* readFileRows(file: string, context: RowContext, skipped: SkipCounts): AsyncGenerator<readonly AccessRow[]> {
	let names: readonly string[] = [];
	let parse: RowParser = () => SkipReason.BadRow;
	let holdsText = false;
	for await (const batch of readRecords(file, () => skipped.add(SkipReason.LineTooLong))) {
		holdsText = true;
		if (batch.names !== names && batch.names.length > 0) {
			names = batch.names;
			parse = createRowParser(file, names, context);
		}
		const rows = usableRows(batch, parse, skipped);
		if (rows.length > 0) yield rows;
	}
	if (!holdsText) throw empty(file, skipped);
}

function usableRows({ records, firstLine }: RecordBatch, parse: RowParser, skipped: SkipCounts): readonly AccessRow[] {
	const rows: AccessRow[] = [];
	for (const [index, record] of records.entries()) {
		const row = typeof record === "string" ? reasonOf(record) : parse(record, firstLine + index);
		if (typeof row === "string") skipped.add(row);
		else if (row !== undefined) rows.push(row);
	}
	return rows;
}

const reasonOf = (record: Extract<LogRecord, string>): SkipReason | undefined => (record === "broken" ? SkipReason.BadRow : undefined);

const empty = (file: string, skipped: SkipCounts): LogError =>
	skipped.of(SkipReason.LineTooLong) > 0
		? new LogError("log.no-usable-row", file, "holds nothing but a line longer than 1 MiB; expected one record a line")
		: new LogError("log.empty", file, "holds no text; expected an access log");

import { AccessOp, type AccessRow } from "#replay/readers/access-row.ts";
import { encodeName, encodePartition } from "#replay/readers/encode-partition.ts";
import { isTooFine, parseTime } from "#replay/readers/parse-time.ts";
import { type Columns, findColumns } from "#replay/readers/rows/plain-columns.ts";
import type { RowContext, RowParser } from "#replay/readers/rows/row-context.ts";
import { viewerOf } from "#replay/readers/rows/viewer.ts";
import { SkipReason } from "#replay/readers/skips.ts";

export const MAX_SEGMENT_LENGTH = 128;
const MAX_COUNT = 1e9;

/** Reads records with the columns of api.md (`ts`, `partition`, a geography and more). @throws LogError where one that is needed is missing */
export function plainParser(file: string, names: readonly string[], context: RowContext): RowParser {
	const columns = findColumns(file, names);
	return (fields, line) => (fields.length === columns.width ? readRow(fields, line, columns, context) : SkipReason.BadRow);
}

function readRow(fields: readonly string[], line: number, columns: Columns, context: RowContext): AccessRow | SkipReason {
	const time = (fields[columns.ts] ?? "").trim();
	const tsMs = parseTime(time);
	if (tsMs === undefined) return isTooFine(time) ? SkipReason.UnknownTimeUnit : SkipReason.BadTime;
	if (tsMs < context.fromMs || tsMs >= context.toMs) return SkipReason.OutOfRange;
	const name = (fields[columns.partition] ?? "").trim();
	if (name === "") return SkipReason.NoPartition;
	const partition = encodePartition(name);
	if (partition === undefined) return SkipReason.PartitionTooLong;
	const viewer = context.locate(viewerOf(fields, columns, tsMs));
	if (viewer.kind === "unlocated") return viewer.reason;
	const details = parseDetails(fields, columns);
	return typeof details === "string" ? details : { tsMs, partition, region: viewer.region, line, ...details };
}

type Details = Pick<AccessRow, "count" | "op" | "segment" | "bytes">;

function parseDetails(fields: readonly string[], columns: Columns): Details | SkipReason {
	const at = (index: number | undefined): string => (index === undefined ? "" : (fields[index] ?? "").trim());
	const count = wholeNumber(at(columns.count), 1);
	if (count === undefined || count < 1 || count > MAX_COUNT) return SkipReason.BadCount;
	const op = at(columns.op).toLowerCase();
	if (op !== "" && op !== AccessOp.Read && op !== AccessOp.Write) return SkipReason.BadOp;
	const bytes = wholeNumber(at(columns.bytes), -1);
	if (bytes === undefined) return SkipReason.BadBytes;
	const segment = encodeName(at(columns.segment));
	if (segment.length > MAX_SEGMENT_LENGTH) return SkipReason.SegmentTooLong;
	return { count, ...(op === "" ? {} : { op }), ...(bytes < 0 ? {} : { bytes }), ...(segment === "" ? {} : { segment }) };
}

/** `fallback` for an empty field; undefined unless digits only, but for a zero fraction as pandas writes it (`3.0`). */
const wholeNumber = (text: string, fallback: number): number | undefined => {
	if (text === "") return fallback;
	return /^\d{1,15}(\.0+)?$/.test(text) ? Number(text) : undefined;
};

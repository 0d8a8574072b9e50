import { type FileHandle, open } from "node:fs/promises";
import { type FileMetaData, parquetMetadataAsync, parquetReadObjects, parquetSchema } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { columnName, type RecordBatch } from "#replay/readers/formats/records.ts";
import { textOf } from "#replay/readers/formats/text-of.ts";
import { LogError } from "#replay/readers/log-error.ts";
import { translate } from "#replay/readers/open-bytes.ts";
import { CLOUDFRONT_COLUMNS } from "#replay/readers/rows/cloudfront-columns.ts";
import { PLAIN_COLUMNS } from "#replay/readers/rows/plain-columns.ts";

const KNOWN: ReadonlySet<string> = new Set([...PLAIN_COLUMNS, ...CLOUDFRONT_COLUMNS]);
const BATCH_ROWS = 5_000;
/** A part of this size or more is no column of an access log, but a damaged length. */
const MAX_PART_BYTES = 1 << 30;

/** The rows of a Parquet file, of the columns that mean something here. One row group is in memory at a time. @throws LogError */
export async function* parquetRecords(file: string): AsyncGenerator<RecordBatch> {
	let handle: FileHandle | undefined;
	try {
		handle = await open(file, "r");
		const buffer = asyncBuffer(handle, (await handle.stat()).size);
		const metadata = await parquetMetadataAsync(buffer);
		yield* rowGroups(buffer, metadata);
	} catch (error) {
		throw explain(file, error);
	} finally {
		await handle?.close();
	}
}

type AsyncBuffer = ReturnType<typeof asyncBuffer>;

const asyncBuffer = (handle: FileHandle, byteLength: number) => ({
	byteLength,
	slice: (start: number, end = byteLength): Promise<ArrayBuffer> => {
		const part = readPart(handle, start, Math.min(end, byteLength) - start);
		// The library asks for several parts at once and awaits them one by one: the second failure must not count as unhandled.
		part.catch(() => undefined);
		return part;
	},
});

async function readPart(handle: FileHandle, start: number, length: number): Promise<ArrayBuffer> {
	if (!(start >= 0 && length >= 0 && length < MAX_PART_BYTES)) throw new RangeError("a part lies outside of the file");
	const bytes = new Uint8Array(length);
	const { bytesRead } = await handle.read(bytes, 0, length, start);
	if (bytesRead !== length) throw new RangeError("the file ends too early");
	return bytes.buffer;
}

async function* rowGroups(file: AsyncBuffer, metadata: FileMetaData): AsyncGenerator<RecordBatch> {
	const columns = parquetSchema(metadata).children.map(({ element }) => element.name);
	yield { names: columns.map(columnName), firstLine: 1, records: [] };
	const spellings = columns.filter((name) => KNOWN.has(columnName(name)));
	const names = spellings.map(columnName);
	let rowStart = 0;
	for (const { num_rows } of metadata.row_groups) {
		const rowEnd = rowStart + Number(num_rows);
		const rows = await parquetReadObjects({ file, metadata, compressors, columns: spellings, rowStart, rowEnd });
		for (let from = 0; from < rows.length; from += BATCH_ROWS) {
			const records = rows.slice(from, from + BATCH_ROWS).map((row) => spellings.map((name) => textOf(row[name])));
			yield { names, firstLine: rowStart + from + 1, records };
		}
		rowStart = rowEnd;
	}
}

/** Everything but a failure of the file system means that the file does not hold what it says. */
function explain(file: string, error: unknown): unknown {
	if (error instanceof LogError) return error;
	const translated = translate(file, error);
	if (translated instanceof LogError) return translated;
	return new LogError("log.corrupt-parquet", file, "the Parquet file is damaged or cut off; fetch it again", error);
}

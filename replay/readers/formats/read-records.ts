import { csvRecords } from "#replay/readers/formats/csv.ts";
import { detectTextFormat, isParquet, TextFormat } from "#replay/readers/formats/detect-format.ts";
import { jsonRecords } from "#replay/readers/formats/json-lines.ts";
import type { RecordBatch } from "#replay/readers/formats/records.ts";
import { type Lines, splitLines } from "#replay/readers/formats/split-lines.ts";
import { realTimeRecords, w3cRecords } from "#replay/readers/formats/w3c.ts";
import { LogError } from "#replay/readers/log-error.ts";
import { openBytes, readMagic } from "#replay/readers/open-bytes.ts";

const READERS: Readonly<Record<Exclude<TextFormat, "json-array">, (lines: AsyncIterable<Lines>) => AsyncIterable<RecordBatch>>> = {
	[TextFormat.Csv]: csvRecords,
	[TextFormat.W3c]: w3cRecords,
	[TextFormat.RealTime]: realTimeRecords,
	[TextFormat.JsonLines]: jsonRecords,
};

/**
 * The records of a file, whose format is known by its content: Parquet; or text, plain or gzip, as CSV, W3C, real-time records or JSON lines.
 *
 * @param onTooLong hears of each line that is passed over because of its length
 * @throws LogError
 */
export async function* readRecords(file: string, onTooLong: () => void): AsyncGenerator<RecordBatch> {
	if (isParquet(await readMagic(file))) {
		// Its decompressors are half of what reading any log would load.
		const { parquetRecords } = await import("#replay/readers/formats/parquet.ts");
		return yield* parquetRecords(file);
	}
	const chunks = openBytes(file);
	try {
		const first = await chunks.next();
		if (first.done === true) return;
		const format = detectTextFormat(first.value);
		if (format === undefined)
			throw new LogError(
				"log.not-text",
				file,
				"is neither UTF-8 text nor Parquet; expected CSV, JSON lines or a CloudFront log, plain or gzip",
			);
		if (format === TextFormat.JsonArray)
			throw new LogError("log.bad-header", file, "is one JSON array; JSON lines are read, an object a line (jq -c '.[]' makes them)");
		yield* READERS[format](splitLines(resumed(first.value, chunks), onTooLong));
	} finally {
		await chunks.return(undefined);
	}
}

async function* resumed(first: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
	yield first;
	yield* rest;
}

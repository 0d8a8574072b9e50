import { columnName, type LogRecord, type RecordBatch } from "#replay/readers/formats/records.ts";
import { splitFields } from "#replay/readers/formats/split-fields.ts";
import type { Lines } from "#replay/readers/formats/split-lines.ts";

/** CSV with a header line. */
export async function* csvRecords(lines: AsyncIterable<Lines>): AsyncGenerator<RecordBatch> {
	let names: readonly string[] | undefined;
	for await (const { firstLine, texts } of lines) {
		if (names !== undefined) {
			yield { names, firstLine, records: texts.map(fieldsOf) };
			continue;
		}
		const header = (texts[0] ?? "").replace(/^\uFEFF/, "");
		names = (splitFields(header) ?? []).map(columnName);
		yield { names, firstLine: firstLine + 1, records: texts.slice(1).map(fieldsOf) };
	}
}

const fieldsOf = (text: string): LogRecord => (text === "" ? "blank" : (splitFields(text) ?? "broken"));

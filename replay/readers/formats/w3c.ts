import { REAL_TIME_LOG_FIELDS } from "#domain/prediction/real-time-log.ts";
import { columnName, type LogRecord, type RecordBatch } from "#replay/readers/formats/records.ts";
import type { Lines } from "#replay/readers/formats/split-lines.ts";

const FIELDS = /^#Fields:\s*/i;

/**
 * W3C extended log files as CloudFront writes them: `#Fields:` names the columns and may come again (files put together), fields are parted
 * by tabs. What comes before the first `#Fields:` is broken.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging.html
 */
export async function* w3cRecords(lines: AsyncIterable<Lines>): AsyncGenerator<RecordBatch> {
	let names: readonly string[] = [];
	for await (const { firstLine, texts } of lines) {
		let start = 0;
		for (const [index, text] of texts.entries()) {
			if (!FIELDS.test(text)) continue;
			yield { names, firstLine: firstLine + start, records: texts.slice(start, index).map(fieldsOf) };
			names = text.replace(FIELDS, "").trim().split(/\s+/).map(columnName);
			start = index + 1;
		}
		yield { names, firstLine: firstLine + start, records: texts.slice(start).map(fieldsOf) };
	}
}

const REAL_TIME_NAMES = REAL_TIME_LOG_FIELDS.map(columnName);

/** CloudFront real-time log records, one a line in the order in which this deployment asks for them. */
export async function* realTimeRecords(lines: AsyncIterable<Lines>): AsyncGenerator<RecordBatch> {
	for await (const { firstLine, texts } of lines) yield { names: REAL_TIME_NAMES, firstLine, records: texts.map(fieldsOf) };
}

/** CloudFront encodes spaces inside fields, so a file whose tabs were lost on the way can still be read. */
const fieldsOf = (text: string): LogRecord => {
	if (text === "" || text.startsWith("#") || text === "\uFEFF") return "blank";
	return text.includes("\t") ? text.split("\t") : text.trim().split(/ +/);
};

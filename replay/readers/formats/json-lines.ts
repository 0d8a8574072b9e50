import { columnName, type LogRecord, type RecordBatch } from "#replay/readers/formats/records.ts";
import type { Lines } from "#replay/readers/formats/split-lines.ts";
import { textOf } from "#replay/readers/formats/text-of.ts";
import { CLOUDFRONT_COLUMNS } from "#replay/readers/rows/cloudfront-columns.ts";
import { PLAIN_COLUMNS } from "#replay/readers/rows/plain-columns.ts";

/** Only these keep a place: what else an object holds means nothing here, and must not take memory. */
const KNOWN: ReadonlySet<string> = new Set([...PLAIN_COLUMNS, ...CLOUDFRONT_COLUMNS]);
/** Spellings of keys remembered. */
const MAX_SPELLINGS = 1000;

/** JSON lines: an object a line, whose keys are the columns. The columns grow as keys turn up. */
export async function* jsonRecords(lines: AsyncIterable<Lines>): AsyncGenerator<RecordBatch> {
	const spellings = new Map<string, string>();
	let names: readonly string[] = [];
	for await (const { firstLine, texts } of lines) {
		const objects = texts.map((text, index) => parse(firstLine + index === 1 ? text.replace(/^\uFEFF/, "") : text, spellings));
		const added = new Set<string>();
		for (const object of objects) if (object instanceof Map) for (const name of object.keys()) if (!names.includes(name)) added.add(name);
		if (added.size > 0) names = [...names, ...added];
		const columns = names;
		yield {
			names,
			firstLine,
			records: objects.map((object) => (object instanceof Map ? columns.map((name) => object.get(name) ?? "") : object)),
		};
	}
}

function parse(text: string, spellings: Map<string, string>): Map<string, string> | Exclude<LogRecord, readonly string[]> {
	if (text.trim() === "") return "blank";
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch {
		return "broken";
	}
	if (typeof value !== "object" || value === null || Array.isArray(value)) return "broken";
	const fields = new Map<string, string>();
	for (const [key, field] of Object.entries(value)) {
		const name = spellings.get(key) ?? columnName(key);
		if (!KNOWN.has(name)) continue;
		if (spellings.size < MAX_SPELLINGS) spellings.set(key, name);
		fields.set(name, textOf(field));
	}
	return fields;
}

import { REAL_TIME_LOG_FIELDS } from "#domain/prediction/real-time-log.ts";
import { looksLikeText } from "#replay/readers/formats/looks-like-text.ts";

/** How the records of a text are written. */
export const TextFormat = { JsonArray: "json-array", Csv: "csv", W3c: "w3c", RealTime: "real-time", JsonLines: "json-lines" } as const;
export type TextFormat = (typeof TextFormat)[keyof typeof TextFormat];

const PARQUET_MAGIC = "PAR1";
const EPOCH = /^\d{9,13}(\.\d+)?$/;

const JSON_ARRAY = /^\[\s*($|[{[\]])/;

/** Whether a file's first four bytes are those of Parquet. @see https://parquet.apache.org/docs/file-format/ */
export const isParquet = (magic: Buffer): boolean => magic.toString("latin1") === PARQUET_MAGIC;

/** The format of a text by its beginning; undefined where it is no text. */
export function detectTextFormat(beginning: Buffer): TextFormat | undefined {
	if (!looksLikeText(beginning)) return undefined;
	const [line = ""] = beginning
		.toString("utf8")
		.replace(/^\uFEFF/, "")
		.trimStart()
		.split(/\r?\n/, 1);
	if (line.startsWith("#")) return TextFormat.W3c;
	if (line.startsWith("{")) return TextFormat.JsonLines;
	if (JSON_ARRAY.test(line)) return TextFormat.JsonArray;
	const fields = line.split("\t");
	return fields.length === REAL_TIME_LOG_FIELDS.length && EPOCH.test(fields[0] ?? "") ? TextFormat.RealTime : TextFormat.Csv;
}

/** One record as text, a field a column; `blank` counts as nothing, `broken` cannot be read. */
export type LogRecord = readonly string[] | "blank" | "broken";

/** Consecutive records of a log, whatever its format. */
export interface RecordBatch {
	/** The columns, in lower case and with `_` for all but letters and digits. The same array as long as nothing changed. */
	readonly names: readonly string[];
	/** Number of the first record: its 1-based line, or its row where there are no lines. */
	readonly firstLine: number;
	readonly records: readonly LogRecord[];
}

/** A column as every format may spell it: `timestamp(ms)`, `cs-uri-stem`, `cs(Host)` and `cs_host` are `timestamp_ms`, `cs_uri_stem`, `cs_host`. */
export const columnName = (text: string): string =>
	text
		.trim()
		.toLowerCase()
		.replaceAll(/[^a-z0-9]+/g, "_")
		.replaceAll(/^_|_$/g, "");

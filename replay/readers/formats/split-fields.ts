import { parse } from "csv-parse/sync";

/** The fields of one line of CSV (RFC 4180, but a quoted field ends with its line, so that one stray quote cannot swallow a file); undefined for broken quotes. */
export function splitFields(line: string): readonly string[] | undefined {
	if (!line.includes('"')) return line.split(",");
	try {
		const records = parse(line, { relax_column_count: true });
		return records.length === 1 ? records[0] : undefined;
	} catch {
		return undefined;
	}
}

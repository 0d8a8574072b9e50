import { REAL_TIME_LOG_FIELDS } from "#infra/description/event-sources.ts";

/** One access as a CloudFront real-time log tells it: the value of each field, unescaped. */
export type AccessRecord = Readonly<Record<(typeof REAL_TIME_LOG_FIELDS)[number], string>>;

/** CloudFront cuts `cs-headers` at this size. */
const MAX_HEADERS_BYTES = 800;

/** Viewer headers as the `cs-headers` field holds them: percent-encoded lines `name:value`. Lines that pass 800 bytes are left out whole, so that the rest can be read. */
export function headersField(headers: Readonly<Record<string, string>>): string {
	let field = "";
	for (const [name, value] of Object.entries(headers)) {
		const line = `${field === "" ? "" : "%0A"}${encodeURIComponent(`${name}:${value}`)}`;
		if (field.length + line.length <= MAX_HEADERS_BYTES) field += line;
	}
	return field;
}

/** The record as it reaches Kinesis: tab-separated, in the order of `REAL_TIME_LOG_FIELDS`, `-` for what is empty. */
export const toLogLine = (record: AccessRecord): string => REAL_TIME_LOG_FIELDS.map((field) => logged(record[field])).join("\t");

const logged = (value: string): string => (value === "" ? "-" : value.replace(/[\t\r\n]/g, " "));

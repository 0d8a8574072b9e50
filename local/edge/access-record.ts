import { REAL_TIME_LOG_FIELDS } from "#infra/description/event-sources.ts";

/** One access as a CloudFront real-time log tells it: the value of each field, unescaped. */
export type AccessRecord = Readonly<Record<(typeof REAL_TIME_LOG_FIELDS)[number], string>>;

/** CloudFront cuts `cs-headers` at this size. */
const MAX_HEADERS_BYTES = 800;

/** Viewer headers as the `cs-headers` field holds them: percent-encoded lines `name:value`, at most 800 bytes. */
export const headersField = (headers: Readonly<Record<string, string>>): string =>
	encodeURIComponent(
		Object.entries(headers)
			.map(([name, value]) => `${name}:${value}`)
			.join("\n"),
	)
		.slice(0, MAX_HEADERS_BYTES)
		.replace(/%[0-9A-F]?$/, "");

/** The record as it reaches Kinesis: tab-separated, in the order of `REAL_TIME_LOG_FIELDS`, `-` for what is empty. */
export const toLogLine = (record: AccessRecord): string => REAL_TIME_LOG_FIELDS.map((field) => logged(record[field])).join("\t");

const logged = (value: string): string => (value === "" ? "-" : value.replace(/[\t\r\n]/g, " "));

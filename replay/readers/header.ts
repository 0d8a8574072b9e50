import { LogError } from "#replay/readers/log-error.ts";
import { splitFields } from "#replay/readers/split-fields.ts";

/** Where each column of a log is; undefined where the log has none. */
export interface Columns {
	readonly width: number;
	readonly ts: number;
	readonly partition: number;
	readonly region: number | undefined;
	readonly country: number | undefined;
	readonly lat: number | undefined;
	readonly lon: number | undefined;
	readonly tzOffsetMin: number | undefined;
	readonly count: number | undefined;
	readonly op: number | undefined;
	readonly segment: number | undefined;
	readonly bytes: number | undefined;
}

const NEEDED = "needs a header line with ts, partition and a geography (region, country_or_latlon, country, lat and lon, or tz_offset_min)";

/** Reads the header line. Columns that mean nothing here are ignored. @throws LogError naming what is missing. */
export function readHeader(file: string, line: string): Columns {
	const names = splitFields(line.replace(/^\uFEFF/, ""))?.map((name) => name.trim().toLowerCase()) ?? [];
	const at = (...aliases: string[]): number | undefined => {
		const index = names.findIndex((name) => aliases.includes(name));
		return index < 0 ? undefined : index;
	};
	const ts = at("ts");
	const partition = at("partition");
	const columns = {
		width: names.length,
		region: at("region"),
		country: at("country_or_latlon", "country"),
		lat: at("lat"),
		lon: at("lon"),
		tzOffsetMin: at("tz_offset_min"),
		count: at("count"),
		op: at("op"),
		segment: at("segment"),
		bytes: at("bytes"),
	};
	const latLon = columns.lat !== undefined && columns.lon !== undefined;
	const geography = columns.region ?? columns.country ?? columns.tzOffsetMin ?? (latLon ? 0 : undefined);
	const missing = [ts === undefined && "ts", partition === undefined && "partition", geography === undefined && "a geography"].filter(
		Boolean,
	);
	if (ts === undefined || partition === undefined || missing.length > 0) {
		throw new LogError("log.bad-header", file, `${NEEDED}; missing: ${missing.join(", ")}; the first line is ${quote(line)}`);
	}
	return { ...columns, ts, partition };
}

/** Text of a file for a message: short, and without anything a terminal would obey. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it removes
const quote = (line: string): string => JSON.stringify(line.slice(0, 80).replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, "?"));

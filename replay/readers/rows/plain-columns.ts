import { LogError } from "#replay/readers/log-error.ts";

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

const NEEDED =
	"needs columns ts, partition and a geography (region, country_or_latlon, country, lat and lon, or tz_offset_min), or the fields of a CloudFront log";

/** Every name that means something here. */
export const PLAIN_COLUMNS = [
	"ts",
	"partition",
	"region",
	"country_or_latlon",
	"country",
	"lat",
	"lon",
	"tz_offset_min",
	"count",
	"op",
	"segment",
	"bytes",
] as const;

/** Finds the columns. Those that mean nothing here are ignored. @throws LogError naming what is missing. */
export function findColumns(file: string, names: readonly string[]): Columns {
	const at = (...aliases: (typeof PLAIN_COLUMNS)[number][]): number | undefined => {
		const index = names.findIndex((name) => (aliases as string[]).includes(name));
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
		throw new LogError("log.bad-header", file, `${NEEDED}; missing: ${missing.join(", ")}; the columns are ${listed(names)}`);
	}
	return { ...columns, ts, partition };
}

/** Names hold letters, digits and `_` only, so that nothing in them can move a terminal. */
const listed = (names: readonly string[]): string => JSON.stringify(names.join(", ").slice(0, 80));

import type { ViewerHint } from "#domain/geography/locate.ts";
import type { Columns } from "#replay/readers/rows/plain-columns.ts";

const UTC_OFFSET = /^UTC([+-])(\d{2}):?(\d{2})$/;
const LAT_LON = /^(-?\d{1,3}(?:\.\d+)?)\s*[,; ]\s*(-?\d{1,3}(?:\.\d+)?)$/;

/** All that a row says of where its viewer is. `UTC+05:30` in the country column gives way to a `tz_offset_min` beside it. */
export function viewerOf(fields: readonly string[], columns: Columns, tsMs: number): ViewerHint {
	const at = (index: number | undefined): string => (index === undefined ? "" : (fields[index] ?? "").trim());
	const region = at(columns.region);
	const tz = at(columns.tzOffsetMin);
	const place = readPlace(at(columns.country));
	const latitude = at(columns.lat);
	const longitude = at(columns.lon);
	return {
		tsMs,
		...place,
		...(region === "" ? {} : { region }),
		...(latitude === "" && longitude === "" ? {} : { latitude: toNumber(latitude), longitude: toNumber(longitude) }),
		...(tz === "" ? {} : { utcOffsetMin: toNumber(tz) }),
	};
}

/** The country column may hold a country, coordinates or a UTC offset. */
function readPlace(text: string): Pick<ViewerHint, "country" | "latitude" | "longitude" | "utcOffsetMin"> {
	if (text === "") return {};
	const utc = UTC_OFFSET.exec(text);
	if (utc !== null) return { utcOffsetMin: (utc[1] === "-" ? -1 : 1) * (Number(utc[2]) * 60 + Number(utc[3])) };
	const latLon = LAT_LON.exec(text);
	return latLon === null ? { country: text } : { latitude: Number(latLon[1]), longitude: Number(latLon[2]) };
}

/** Not a number for an empty text, where `Number` says 0. */
const toNumber = (text: string): number => (text === "" ? Number.NaN : Number(text));

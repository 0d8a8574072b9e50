import type { RegionId } from "#domain/geography/region-id.ts";
import type { Columns } from "#replay/readers/header.ts";
import { SkipReason } from "#replay/readers/skips.ts";

/** Where a row says its viewer is: exactly one of them. */
export type ViewerGeography =
	| { readonly kind: "region"; readonly region: string }
	| { readonly kind: "country"; readonly country: string }
	| { readonly kind: "coordinates"; readonly latitude: number; readonly longitude: number }
	| { readonly kind: "tz"; readonly tzOffsetMin: number };

/** Finds the deployed region nearest to a viewer at a time, or why there is none. */
export type LocateViewer = (viewer: ViewerGeography, atMs: number) => RegionId | SkipReason;

const UTC_OFFSET = /^UTC([+-])(\d{2}):?(\d{2})$/;
const LAT_LON = /^(-?\d{1,3}(?:\.\d+)?)\s*[,; ]\s*(-?\d{1,3}(?:\.\d+)?)$/;
const COUNTRY = /^[A-Za-z]{2}$/;

/** The geography of a row: the first of region, country or what its column holds, lat and lon, tz_offset_min that is not empty. */
export function viewerOf(fields: readonly string[], columns: Columns): ViewerGeography | SkipReason {
	const region = field(fields, columns.region);
	if (region !== "") return { kind: "region", region };
	const country = field(fields, columns.country);
	const tz = field(fields, columns.tzOffsetMin);
	if (country !== "") return fromCountryColumn(country, tz);
	const lat = field(fields, columns.lat);
	const lon = field(fields, columns.lon);
	if (lat !== "" && lon !== "") return coordinates(Number(lat), Number(lon));
	return tz === "" ? SkipReason.NoGeography : offset(Number(tz));
}

function fromCountryColumn(text: string, tz: string): ViewerGeography | SkipReason {
	const utc = UTC_OFFSET.exec(text);
	if (utc !== null) {
		if (tz !== "") return offset(Number(tz));
		const minutes = Number(utc[2]) * 60 + Number(utc[3]);
		return offset(utc[1] === "-" ? -minutes : minutes);
	}
	if (COUNTRY.test(text)) return { kind: "country", country: text.toUpperCase() };
	const latLon = LAT_LON.exec(text);
	return latLon === null ? SkipReason.UnknownCountry : coordinates(Number(latLon[1]), Number(latLon[2]));
}

const coordinates = (latitude: number, longitude: number): ViewerGeography | SkipReason =>
	Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180 ? { kind: "coordinates", latitude, longitude } : SkipReason.BadGeography;

/** UTC-12:00 to UTC+14:00 are in use. */
const offset = (tzOffsetMin: number): ViewerGeography | SkipReason =>
	tzOffsetMin >= -720 && tzOffsetMin <= 840 ? { kind: "tz", tzOffsetMin } : SkipReason.BadGeography;

const field = (fields: readonly string[], index: number | undefined): string => (index === undefined ? "" : (fields[index] ?? "").trim());

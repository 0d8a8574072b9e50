import type { CloudFrontHeaders } from "aws-lambda";
import { centreOfPopulation } from "#domain/geography/countries.ts";
import type { Locator } from "#domain/geography/locate.ts";
import type { RegionId } from "#domain/geography/region-id.ts";
import { findRegion } from "#domain/geography/regions.ts";

/** Where a viewer is, as the local network takes it from the request's own word. */
export interface Viewer {
	/** The deployed region where the viewer's edge is. */
	readonly edgeRegion: RegionId;
	/** ISO 3166-1 alpha-2, or empty. */
	readonly country: string;
	/** What CloudFront would tell of the viewer. */
	readonly cloudFrontHeaders: CloudFrontHeaders;
}

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/**
 * Reads `x-viewer-region` or `x-viewer-country`; a viewer that says neither is at `home`.
 *
 * @returns a sentence that says what is wrong when a place is named that does not exist
 */
export function readViewer(headers: Headers, locate: Locator, home: RegionId): Viewer | string {
	const region = first(headers["x-viewer-region"]);
	const named = first(headers["x-viewer-country"]).toUpperCase();
	const place = locate({ region, country: named });
	if (place.kind === "unlocated" && place.reason === "unknown-region")
		return `x-viewer-region: ${region.slice(0, 40)} is no known AWS region`;
	if (place.kind === "unlocated" && place.reason === "unknown-country")
		return `x-viewer-country: ${named.slice(0, 40)} is no ISO 3166-1 alpha-2 code`;
	const country = named === "" ? (findRegion(region)?.country ?? "") : named;
	return { edgeRegion: place.kind === "located" ? place.region : home, country, cloudFrontHeaders: cloudFrontHeaders(region, country) };
}

function cloudFrontHeaders(region: string, country: string): CloudFrontHeaders {
	const point = findRegion(region) ?? centreOfPopulation(country);
	return {
		...(country === "" ? {} : header("CloudFront-Viewer-Country", country)),
		...(point === undefined ? {} : header("CloudFront-Viewer-Latitude", point.latitude.toFixed(5))),
		...(point === undefined ? {} : header("CloudFront-Viewer-Longitude", point.longitude.toFixed(5))),
	};
}

const header = (key: string, value: string): CloudFrontHeaders => ({ [key.toLowerCase()]: [{ key, value }] });
const first = (value: string | string[] | undefined): string => (Array.isArray(value) ? value[0] : value) ?? "";

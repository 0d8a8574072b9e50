import { COUNTRY_CENTROIDS } from "#domain/geography/country-centroids.ts";
import type { Coordinates } from "#domain/geography/regions.ts";

const centroids = new Map<string, Coordinates>(
	COUNTRY_CENTROIDS.trim()
		.split(/\s+/)
		.map((entry) => {
			const [latitude = Number.NaN, longitude = Number.NaN] = entry.slice(3).split(",").map(Number);
			return [entry.slice(0, 2), { latitude, longitude }];
		}),
);

/** The centroid of a country by ISO 3166-1 alpha-2 code in either case; undefined for codes that name no country (EU, AP, A1, T1, ...). */
export const countryCentroid = (code: string): Coordinates | undefined => centroids.get(code.toUpperCase());

/** All country codes, ascending. */
export const countryCodes = (): readonly string[] => [...centroids.keys()];

import { CENTRES_OF_POPULATION } from "#domain/geography/centres-of-population.ts";
import type { Coordinates } from "#domain/geography/regions.ts";

const centres = new Map<string, Coordinates>(
	CENTRES_OF_POPULATION.trim()
		.split(/\s+/)
		.map((entry) => {
			const [latitude = Number.NaN, longitude = Number.NaN] = entry.slice(3).split(",").map(Number);
			return [entry.slice(0, 2), { latitude, longitude }];
		}),
);

/** Where the people of a country live, by ISO 3166-1 alpha-2 code in either case; undefined for codes that name no country (EU, AP, A1, T1, ...). */
export const centreOfPopulation = (code: string): Coordinates | undefined => centres.get(code.toUpperCase());

/** All country codes, ascending. */
export const countryCodes = (): readonly string[] => [...centres.keys()];

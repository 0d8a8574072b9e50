import type { RegionId } from "#domain/geography/region-id.ts";
import { type Coordinates, findRegion } from "#domain/geography/regions.ts";

/** Mean radius of the Earth (IUGG). */
const EARTH_RADIUS_KM = 6371.0088;

const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** Great-circle distance in km, by the haversine formula: 0..20,015. */
export function distanceKm(a: Coordinates, b: Coordinates): number {
	const [from, to] = [radians(a.latitude), radians(b.latitude)];
	const north = Math.sin((to - from) / 2) ** 2;
	const east = Math.sin(radians(b.longitude - a.longitude) / 2) ** 2;
	return 2 * EARTH_RADIUS_KM * Math.asin(Math.min(1, Math.sqrt(north + Math.cos(from) * Math.cos(to) * east)));
}

/** The region of `candidates` nearest to a point, the first of equals; undefined when the catalogue knows none of them. */
export function nearestRegion(point: Coordinates, candidates: readonly RegionId[]): RegionId | undefined {
	let best: { id: RegionId; km: number } | undefined;
	for (const id of candidates) {
		const region = findRegion(id);
		if (region === undefined) continue;
		const km = distanceKm(point, region);
		if (best === undefined || km < best.km) best = { id, km };
	}
	return best?.id;
}

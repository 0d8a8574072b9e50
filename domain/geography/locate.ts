import { centreOfPopulation } from "#domain/geography/countries.ts";
import { nearestRegion } from "#domain/geography/distance.ts";
import { isRegionId, type RegionId } from "#domain/geography/region-id.ts";
import { type Coordinates, findRegion } from "#domain/geography/regions.ts";
import { readUtcOffset } from "#domain/geography/time-zones.ts";

/** What is known of where an access came from. Any part may be missing. */
export interface ViewerHint {
	/** An AWS region code, deployed or not. */
	readonly region?: string;
	/** Degrees. */
	readonly latitude?: number;
	/** Degrees. */
	readonly longitude?: number;
	/** ISO 3166-1 alpha-2, either case. */
	readonly country?: string;
	/** Offset from UTC in minutes, east positive. Needs `tsMs`, because of summer time. */
	readonly utcOffsetMin?: number;
	/** Instant of the access, milliseconds since the Unix epoch. */
	readonly tsMs?: number;
}

/** Why a viewer could not be placed. Stable: log readers count skipped rows by it. */
export type UnlocatedReason = "unknown-region" | "bad-coordinates" | "unknown-country" | "ambiguous-tz" | "bad-tz" | "no-geography";

export type ViewerLocation =
	| { readonly kind: "located"; readonly region: RegionId; readonly by: "region" | "coordinates" | "country" | "tz" }
	| { readonly kind: "unlocated"; readonly reason: UnlocatedReason };

/** Places viewers among deployed regions. */
export type Locator = (hint: ViewerHint) => ViewerLocation;

/**
 * A locator for these regions. The most exact hint that can be used decides: region, coordinates, country, UTC offset; each goes to
 * the nearest deployed region by great circle. When none can be used, the reason is that of the most exact one given.
 */
export function createLocator(regions: readonly RegionId[]): Locator {
	const deployed = new Set<string>(regions);
	const near = memoized((id: string) => (deployed.has(id) ? (id as RegionId) : nearestTo(findRegion(id), regions)));
	const nearCountry = memoized((code: string) => nearestTo(centreOfPopulation(code), regions));
	return (hint) => {
		const attempts = [byRegion(hint, near), byCoordinates(hint, regions), byCountry(hint, nearCountry), byOffset(hint, near)];
		const tried = attempts.filter((attempt) => attempt !== undefined);
		return tried.find(({ kind }) => kind === "located") ?? tried[0] ?? unlocated("no-geography");
	};
}

type Attempt = ViewerLocation | undefined;
type Near = (name: string) => RegionId | undefined;

const unlocated = (reason: UnlocatedReason): ViewerLocation => ({ kind: "unlocated", reason });

function byRegion({ region }: ViewerHint, near: Near): Attempt {
	if (region === undefined || region === "") return undefined;
	const found = isRegionId(region) ? near(region) : undefined;
	return found === undefined ? unlocated("unknown-region") : { kind: "located", region: found, by: "region" };
}

function byCoordinates({ latitude, longitude }: ViewerHint, regions: readonly RegionId[]): Attempt {
	if (latitude === undefined && longitude === undefined) return undefined;
	const point = { latitude: latitude ?? Number.NaN, longitude: longitude ?? Number.NaN };
	const found = isOnGlobe(point) ? nearestRegion(point, regions) : undefined;
	return found === undefined ? unlocated("bad-coordinates") : { kind: "located", region: found, by: "coordinates" };
}

function byCountry({ country }: ViewerHint, nearCountry: Near): Attempt {
	if (country === undefined || country === "") return undefined;
	const found = nearCountry(country);
	return found === undefined ? unlocated("unknown-country") : { kind: "located", region: found, by: "country" };
}

function byOffset({ utcOffsetMin, tsMs }: ViewerHint, near: Near): Attempt {
	if (utcOffsetMin === undefined) return undefined;
	if (tsMs === undefined) return unlocated("bad-tz");
	const reading = readUtcOffset(utcOffsetMin, tsMs);
	if (reading.kind === "unusable") return unlocated(reading.reason);
	const found = near(reading.region);
	return found === undefined ? unlocated("unknown-region") : { kind: "located", region: found, by: "tz" };
}

const isOnGlobe = ({ latitude, longitude }: Coordinates): boolean => Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180;

const nearestTo = (place: Coordinates | undefined, regions: readonly RegionId[]): RegionId | undefined =>
	place === undefined ? undefined : nearestRegion(place, regions);

/** Bounded, because names come from logs and requests. */
function memoized(find: Near, limit = 1000): Near {
	const known = new Map<string, RegionId | undefined>();
	return (name) => {
		if (known.has(name)) return known.get(name);
		const found = find(name);
		if (known.size < limit) known.set(name, found);
		return found;
	};
}

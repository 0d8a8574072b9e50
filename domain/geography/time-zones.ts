import { type RegionId, regionId } from "#domain/geography/region-id.ts";

/** What a UTC offset says of a place: a region, or why it says nothing. */
export type OffsetReading =
	| { readonly kind: "region"; readonly region: RegionId }
	| { readonly kind: "unusable"; readonly reason: "ambiguous-tz" | "bad-tz" };

/** Offsets in use lie between UTC-12 (Baker Island) and UTC+14 (Kiribati). */
const OFFSET_MIN = { least: -720, most: 840 } as const;

/** Upper bounds in minutes, inclusive and ascending, with the region that people at such an offset are likely near. */
const BANDS: readonly (readonly [number, RegionId])[] = [
	[-420, regionId("us-west-2")],
	[-225, regionId("us-east-1")],
	[-90, regionId("sa-east-1")],
	[90, regionId("eu-west-1")],
	[225, regionId("eu-central-1")],
	[345, regionId("ap-south-1")],
	[495, regionId("ap-southeast-1")],
	[569, regionId("ap-northeast-1")],
	[OFFSET_MIN.most, regionId("ap-southeast-2")],
];

/**
 * Reads a UTC offset in minutes, east positive. Zero is ambiguous, because machines everywhere run in UTC. UTC+1 is Central Europe
 * in European winter time (`tsMs`, milliseconds since the Unix epoch, decides) and Britain in summer.
 */
export function readUtcOffset(offsetMin: number, tsMs: number): OffsetReading {
	if (!Number.isFinite(offsetMin) || offsetMin < OFFSET_MIN.least || offsetMin > OFFSET_MIN.most)
		return { kind: "unusable", reason: "bad-tz" };
	if (offsetMin === 0) return { kind: "unusable", reason: "ambiguous-tz" };
	if (offsetMin === 60 && !isEuropeanSummerTime(tsMs)) return { kind: "region", region: regionId("eu-central-1") };
	const band = BANDS.find(([most]) => Math.ceil(offsetMin) <= most);
	return band === undefined ? { kind: "unusable", reason: "bad-tz" } : { kind: "region", region: band[1] };
}

/** From the last Sunday of March to the last Sunday of October, 01:00 UTC each (Directive 2000/84/EC). */
export function isEuropeanSummerTime(tsMs: number): boolean {
	const year = new Date(tsMs).getUTCFullYear();
	return tsMs >= lastSundayMs(year, MARCH) && tsMs < lastSundayMs(year, OCTOBER);
}

/** Months as `Date` counts them, both of 31 days. */
const MARCH = 2;
const OCTOBER = 9;

function lastSundayMs(year: number, month: number): number {
	const weekday = new Date(Date.UTC(year, month, 31)).getUTCDay();
	return Date.UTC(year, month, 31 - weekday, 1);
}

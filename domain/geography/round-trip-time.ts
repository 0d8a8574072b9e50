import { distanceKm } from "#domain/geography/distance.ts";
import type { RegionId } from "#domain/geography/region-id.ts";
import { findRegion, type Region } from "#domain/geography/regions.ts";
import { OperatingError } from "#domain/shared/errors.ts";

/** Light in fibre: the speed of light in vacuum over the refractive index 1.468 (Corning SMF-28 at 1550 nm). */
const FIBRE_KM_PER_MS = 299.792458 / 1.468;

/**
 * Settings of the model. Fitted by least squares, weighted by 1/measurement so that near pairs count as well as far ones, on the
 * 171 pairs of 19 regions that the fantoch project measured by ping on 2020-06-05 (github vitorenesduarte/fantoch, latency_aws).
 * The median error is 15 %, the 90th percentile 36 %: routes that go around a continent (Cape Town to Asia) are underestimated.
 */
export const RTT_MODEL = {
	/** How much longer the cable is than the great circle. */
	pathFactor: 1.7017,
	/** What routers and last miles add to every pair. */
	constantMs: 4.1014,
	/** Inside one region. */
	homeMs: 1,
} as const;

/** Neither the catalogue of regions nor a measured matrix says how far a region is. A retry does not help. */
export class UnknownRegionError extends OperatingError {
	override name = "UnknownRegionError";
	constructor(id: string) {
		super(`region ${id} is not in the catalogue and has no measured round-trip times`, {
			code: "geography.unknown-region",
			retryable: false,
			details: { region: id },
		});
	}
}

/** Measured round-trip times in ms by `from`, then `to`. */
export type RttMatrix = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** Modelled round-trip time in ms: great circle times a fitted path factor in fibre, and a constant. @throws UnknownRegionError */
export function rttMs(from: RegionId, to: RegionId): number {
	if (from === to) return RTT_MODEL.homeMs;
	const km = distanceKm(known(from), known(to));
	return (2 * km * RTT_MODEL.pathFactor) / FIBRE_KM_PER_MS + RTT_MODEL.constantMs;
}

function known(id: RegionId): Region {
	const region = findRegion(id);
	if (region === undefined) throw new UnknownRegionError(id);
	return region;
}

/**
 * Round-trip times in ms between `regions`, looked up. A measured pair overrides the model, in either direction if only one was
 * measured; home is always `RTT_MODEL.homeMs`.
 *
 * @throws UnknownRegionError when a pair is neither measured nor modelled; the returned function also for regions not in the list
 */
export function createRttTable(regions: readonly RegionId[], matrix: RttMatrix = {}): (from: RegionId, to: RegionId) => number {
	const measure = (from: RegionId, to: RegionId): number =>
		from === to ? RTT_MODEL.homeMs : (matrix[from]?.[to] ?? matrix[to]?.[from] ?? rttMs(from, to));
	const table = new Map(regions.map((from) => [from, new Map(regions.map((to) => [to, measure(from, to)]))]));
	return (from, to) => table.get(from)?.get(to) ?? measure(from, to);
}

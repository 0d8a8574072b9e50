import type { RegionId } from "#domain/geography/region-id.ts";
import { standardError } from "#domain/placement/standard-error.ts";
import type { PredictionVector } from "#domain/prediction/prediction-vector.ts";

/** Round-trip time in ms between a viewer's region and a leader's. */
export type RoundTripTimeMs = (from: RegionId, to: RegionId) => number;

/** Where accesses are expected from, ordered by region code so that sums come out the same whatever order the forecast had. */
export type Demand = readonly { readonly region: RegionId; readonly probability: number }[];

export const demandOf = (vector: PredictionVector): Demand =>
	vector.regions
		.map((region, index) => ({ region, probability: vector.probabilities[index] ?? 0 }))
		.sort((a, b) => compareCodes(a.region, b.region));

/** `C_s = sum p_r rtt[r][s]`: the expected mean round-trip time with the leader in `leader`. */
export const expectedCostMs = (demand: Demand, leader: RegionId, rttMs: RoundTripTimeMs): number =>
	demand.reduce((sum, { region, probability }) => sum + probability * rttMs(region, leader), 0);

/** Upper limit of a z-score, where the saving has no spread at all. */
const MAX_Z = 1e6;

/**
 * How many standard errors the mean saving `savingMs` is away from zero: `d / sqrt((sum p_r delta_r^2 - d^2) / (n + 2))` with
 * `delta_r = rtt[r][now] - rtt[r][best]` and n accesses behind the forecast.
 */
export function zScoreOf(demand: Demand, now: RegionId, best: RegionId, effectiveCount: number, rttMs: RoundTripTimeMs): number {
	const deltas = demand.map(({ region, probability }) => ({ probability, deltaMs: rttMs(region, now) - rttMs(region, best) }));
	const savingMs = deltas.reduce((sum, { probability, deltaMs }) => sum + probability * deltaMs, 0);
	const secondMoment = deltas.reduce((sum, { probability, deltaMs }) => sum + probability * deltaMs ** 2, 0);
	const error = standardError(savingMs, secondMoment, effectiveCount);
	if (error === 0) return Math.sign(savingMs) * MAX_Z;
	return Math.max(-MAX_Z, Math.min(MAX_Z, savingMs / error));
}

export const compareCodes = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

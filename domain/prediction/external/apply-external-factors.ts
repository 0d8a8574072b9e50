import { type ExternalFactor, liftOf, overlapOf } from "#domain/prediction/external/tilt.ts";
import { NO_SEGMENT, type PredictionVector, windowOf } from "#domain/prediction/prediction-vector.ts";

/** The least probability of a forecast. */
const FLOOR = 1e-4;

/**
 * Tilts a forecast by what is known from outside. Each factor multiplies the accesses expected from its regions (of its segments)
 * for the share of the window that it lasts; shares are renormalised, the volume grows or shrinks with the sum. Factors multiply
 * each other. A forecast that none of them touches is returned as it is.
 *
 * Where a factor names segments and the forecast has none, nothing is known of them and nothing changes.
 */
export function applyExternalFactors(vector: PredictionVector, factors: readonly ExternalFactor[]): PredictionVector {
	const touching = factors.filter((factor) => touches(factor, vector));
	if (touching.length === 0) return vector;
	const rows = Object.entries(vector.joint ?? { [NO_SEGMENT]: vector.probabilities });
	const window = windowOf(vector);
	const lifted = rows.map(([segment, row]) => {
		const lifts = vector.regions.map((region) => liftOf(touching, region, window, segment));
		return [segment, row.map((p, index) => p * (lifts[index] ?? 1))] as const;
	});
	const total = lifted.reduce((sum, [, row]) => sum + row.reduce((part, p) => part + p, 0), 0);
	const tilts = [...new Set([...(vector.tilts ?? []), ...touching.map(({ name }) => name)])];
	if (!(total > 0))
		return { ...vector, expectedAccesses: 0, ...(vector.accessesInterval === undefined ? {} : { accessesInterval: [0, 0] }), tilts };
	const marginal = vector.regions.map((_, index) => lifted.reduce((sum, [, row]) => sum + (row[index] ?? 0), 0) / total);
	const probabilities = withFloor(marginal);
	// each region's column of the joint goes with its marginal; a column that was lifted to nothing is shared as before
	const joint = lifted.map(([segment, row], at) => [
		segment,
		row.map((p, index) => {
			const whole = (marginal[index] ?? 0) * total;
			const share = whole > 0 ? p / whole : (rows[at]?.[1][index] ?? 0) / (vector.probabilities[index] ?? 1);
			return share * (probabilities[index] ?? 0);
		}),
	]);
	return {
		...vector,
		probabilities,
		...(vector.joint === undefined ? {} : { joint: Object.fromEntries(joint) }),
		expectedAccesses: vector.expectedAccesses * total,
		...(vector.accessesInterval === undefined ? {} : { accessesInterval: scaled(vector.accessesInterval, total) }),
		tilts,
	};
}

const scaled = ([low, high]: readonly [number, number], factor: number): [number, number] => [low * factor, high * factor];

function touches(factor: ExternalFactor, vector: PredictionVector): boolean {
	if (overlapOf(factor, windowOf(vector)) === 0) return false;
	if (!vector.regions.some((region) => (factor.lift.get(region) ?? 1) !== 1)) return false;
	const { segments } = factor;
	return segments === undefined || Object.keys(vector.joint ?? {}).some((segment) => segments.has(segment));
}

/** Raises what fell below the floor; the others give. Sum 1. */
function withFloor(distribution: readonly number[]): readonly number[] {
	if (distribution.every((p) => p >= FLOOR)) return distribution;
	const left = 1 - distribution.length * FLOOR;
	return distribution.map((p) => FLOOR + left * p);
}

import { seededRandom } from "#domain/shared/seeded-random.ts";
import { fitDispersion } from "#predictor/models/negative-binomial.ts";
import { expectedVolume, steadyVolume, VOLUME_FEATURES, type VolumeModel } from "#predictor/models/volume.ts";

/** Windows of any partition, with accesses or without. */
export interface VolumeSet {
	readonly size: number;
	/** `VOLUME_FEATURES` numbers a window. */
	readonly features: Float64Array;
	readonly counts: Float64Array;
}

const STEPS_EACH = 8;
const MAX_STEPS = 8_000;
const BATCH = 512;
const LEARNING_RATE = 0.02;

/**
 * Poisson regression with a logarithmic link, by Adam. A window weighs less the more it is expected to hold, so that bursts of large
 * partitions do not teach everybody.
 *
 * @see P. McCullagh, J. A. Nelder, Generalized Linear Models (1989), chapter 6
 */
export function fitVolume(set: VolumeSet, windowHours: number, seed = 1): VolumeModel {
	const { size, features, counts } = set;
	const { weights, dispersion } = steadyVolume(windowHours);
	if (size === 0) return { weights, dispersion };
	const [mean, square, gradient] = [0, 1, 2].map(() => new Float64Array(VOLUME_FEATURES)) as [Float64Array, Float64Array, Float64Array];
	const random = seededRandom(seed);
	const steps = Math.min(MAX_STEPS, Math.ceil((STEPS_EACH * size) / BATCH));
	for (let step = 1; step <= steps; step += 1) {
		gradient.fill(0);
		let total = 0;
		for (let draw = 0; draw < BATCH; draw += 1) {
			const window = Math.floor(random() * size);
			const at = window * VOLUME_FEATURES;
			const usual = Math.exp(Math.max(features[at + 1] ?? 0, features[at + 2] ?? 0)) * windowHours;
			const weight = 1 / (1 + usual);
			const excess = weight * (expectedVolume(weights, features, at) - (counts[window] ?? 0));
			for (let index = 0; index < VOLUME_FEATURES; index += 1)
				gradient[index] = (gradient[index] ?? 0) + excess * (features[at + index] ?? 0);
			total += weight;
		}
		const rate = (LEARNING_RATE * (1 + Math.cos((Math.PI * step) / steps))) / 2;
		for (let index = 0; index < VOLUME_FEATURES; index += 1) {
			const slope = (gradient[index] ?? 0) / total;
			const first = 0.9 * (mean[index] ?? 0) + 0.1 * slope;
			const second = 0.999 * (square[index] ?? 0) + 0.001 * slope ** 2;
			mean[index] = first;
			square[index] = second;
			weights[index] = (weights[index] ?? 0) - (rate * (first / (1 - 0.9 ** step))) / (Math.sqrt(second / (1 - 0.999 ** step)) + 1e-8);
		}
	}
	return {
		weights,
		dispersion: fitDispersion(
			Float64Array.from(counts, (_, window) => expectedVolume(weights, features, window * VOLUME_FEATURES)),
			counts,
		),
	};
}

import { seededRandom } from "#domain/shared/seeded-random.ts";
import type { Amounts } from "#predictor/columns/expert-columns.ts";

/** What the number of coming accesses is regressed on; see `volumeFeatures`. */
export const VOLUME_FEATURES = 8;

/** Hours behind each rate (half-life / ln 2) and what keeps its logarithm finite, accesses an hour. */
const RATES = [
	{ perHour: Math.LN2 / 24, least: 0.003 },
	{ perHour: Math.LN2 / (14 * 24), least: 0.001 },
	{ perHour: Math.LN2 / (60 * 24), least: 0.0005 },
	{ perHour: Math.LN2 / (365 * 24), least: 0.0002 },
] as const;
const JUST_NOW_HOURS = 2;
const LEAST_ACTIVITY = 0.02;

/** Logarithms of the rates of four memories, of the time since the last access and of how active the window is; whether it was just accessed. */
export function volumeFeatures({ n1d, n14d, n60d, n365d, ageHours }: Amounts, activity: number, out: Float64Array, at = 0): void {
	out[at] = 1;
	[n1d, n14d, n60d, n365d].forEach((count, index) => {
		const { perHour, least } = RATES[index] ?? RATES[3];
		out[at + 1 + index] = Math.log(count * perHour + least);
	});
	out[at + 5] = Math.log1p(ageHours);
	out[at + 6] = Math.log(Math.max(LEAST_ACTIVITY, activity));
	out[at + 7] = ageHours <= JUST_NOW_HOURS ? 1 : 0;
}

/** Expected accesses in the window. */
export function expectedVolume(weights: Float64Array, features: Float64Array, at = 0): number {
	let sum = 0;
	for (let index = 0; index < VOLUME_FEATURES; index += 1) sum += (weights[index] ?? 0) * (features[at + index] ?? 0);
	return Math.exp(Math.min(20, sum));
}

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
export function fitVolume({ size, features, counts }: VolumeSet, windowHours: number, seed = 1): Float64Array {
	const weights = Float64Array.from([Math.log(windowHours), 0.25, 0.25, 0.25, 0.25, 0, 0, 0]);
	if (size === 0) return weights;
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
	return weights;
}

import type { Amounts } from "#predictor/models/expert-columns.ts";

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

/** How many accesses a window holds. */
export interface VolumeModel {
	/** Of the features. */
	readonly weights: Float64Array;
	/** Of the negative binomial: the variance is mean + dispersion x mean^2. */
	readonly dispersion: number;
}

/** Where the fit begins: the mean rate of all memories, held constant. */
export const steadyVolume = (windowHours: number): VolumeModel => ({
	weights: Float64Array.from([Math.log(windowHours), 0.25, 0.25, 0.25, 0.25, 0, 0, 0]),
	dispersion: 1,
});

/** Expected accesses in the window. */
export function expectedVolume(weights: Float64Array, features: Float64Array, at = 0): number {
	let sum = 0;
	for (let index = 0; index < VOLUME_FEATURES; index += 1) sum += (weights[index] ?? 0) * (features[at + index] ?? 0);
	return Math.exp(Math.min(20, sum));
}

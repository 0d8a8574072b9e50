/** Above this mean, and in the limit, a count is taken for continuous. */
const CONTINUOUS_FROM = 200;
/** Ninths of the standard normal distribution: its 90 % quantile. */
const Z90 = 1.2816;

/**
 * Between which a count lies with 80 %: the 10 % and the 90 % quantile of a negative binomial distribution with this mean and the variance
 * `mean + dispersion x mean^2` (0: Poisson). Large counts by Wilson and Hilferty's approximation of the gamma distribution.
 *
 * @see E. B. Wilson, M. M. Hilferty, The Distribution of Chi-Square (1931)
 */
export function interval80(mean: number, dispersion: number): readonly [number, number] {
	if (!(mean > 0)) return [0, 0];
	if (mean > CONTINUOUS_FROM) return [continuous(mean, dispersion, -Z90), continuous(mean, dispersion, Z90)];
	return [quantile(mean, dispersion, 0.1), quantile(mean, dispersion, 0.9)];
}

function continuous(mean: number, dispersion: number, z: number): number {
	const shape = mean ** 2 / (mean + dispersion * mean ** 2);
	return mean * Math.max(0, 1 - 1 / (9 * shape) + z / (3 * Math.sqrt(shape))) ** 3;
}

/** The least count that is not exceeded with probability `share`. */
function quantile(mean: number, dispersion: number, share: number): number {
	const a = dispersion * mean;
	let probability = a < 1e-9 ? Math.exp(-mean) : Math.exp(-Math.log1p(a) / dispersion);
	let sum = probability;
	let count = 0;
	while (sum < share && count < 100 * CONTINUOUS_FROM) {
		// p(k + 1) / p(k) = (mean + a k) / ((k + 1) (1 + a))
		probability *= (mean + a * count) / ((count + 1) * (1 + a));
		sum += probability;
		count += 1;
	}
	return count;
}

const GRID = Array.from({ length: 33 }, (_, step) => 2 ** (step / 2 - 9));
/** Windows that are enough for one number. */
const SAMPLE = 20_000;

/** The dispersion that makes the counts most likely, of a grid from 2^-9 to 2^7. */
export function fitDispersion(means: Float64Array, counts: Float64Array): number {
	const stride = Math.max(1, Math.floor(counts.length / SAMPLE));
	let [best, most] = [1, Number.NEGATIVE_INFINITY];
	for (const dispersion of GRID) {
		let likelihood = 0;
		for (let window = 0; window < counts.length; window += stride)
			likelihood += logMass(counts[window] ?? 0, means[window] ?? 0, dispersion);
		if (likelihood > most) [best, most] = [dispersion, likelihood];
	}
	return best;
}

/** Without the terms that do not depend on the dispersion. */
function logMass(count: number, mean: number, dispersion: number): number {
	const size = 1 / dispersion;
	const rising = count === 0 ? 0 : logGamma(count + size) - logGamma(size);
	return rising - (count + size) * Math.log1p(dispersion * mean) + count * Math.log(dispersion);
}

/** Stirling's series, after steps upwards to where it is exact. */
function logGamma(x: number): number {
	let shift = 0;
	let at = x;
	for (; at < 8; at += 1) shift -= Math.log(at);
	return shift + (at - 0.5) * Math.log(at) - at + 0.9189385332046727 + 1 / (12 * at) - 1 / (360 * at ** 3) + 1 / (1260 * at ** 5);
}
